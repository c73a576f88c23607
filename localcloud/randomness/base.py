"""What all random types share: a value drawn once, kept in the state, and nothing anywhere else."""

from __future__ import annotations

from abc import abstractmethod

from localcloud.declared import DeclaredType
from localcloud.fields import MapOf, Text
from localcloud.resource import Live, LocalError, Operation, Properties, Source

REPOSITORY = "hashicorp/terraform-provider-random"

# A map that, when changed, makes a new value. Every random type has it.
KEEPERS = MapOf(element=Text(), force_new=True)


def read_from(file: str, revision: str) -> Source:
    """Return the source of a type's declaration."""
    return Source(REPOSITORY, f"internal/provider/{file}", revision)


class RandomType(DeclaredType):
    """A value that lives in the state alone. A subclass writes `draw`, and `parse` if it can be imported."""

    creates_once = False  # nothing outside the state can be left behind

    @abstractmethod
    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        """Return the id and the outputs of a new value."""

    def parse(self, identity: str) -> tuple[str, Properties]:
        """Return the id and the whole state of an imported value; ValueError says what is wrong."""
        raise ValueError(f"{self.token} can't be imported")

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        identity, outputs = self.draw(inputs)
        return identity, self.sealed({**inputs, **outputs})

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        if state:
            return Live(identity, self.sealed(state), inputs)
        try:
            identity, found = self.parse(identity)
        except ValueError as error:
            raise LocalError(f"{operation.name}: can't import: {error}") from None
        return Live(identity, self.sealed(found), {k: v for k, v in found.items() if k in self.inputs})

    def update(
        self,
        operation: Operation,
        identity: str,
        old_inputs: Properties,
        state: Properties,
        new: Properties,
    ) -> Properties:
        kept = {name: value for name, value in state.items() if name in self.outputs}
        return self.sealed({**new, **kept})

    def delete(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> None:
        """Nothing to do: the value lived in the state."""

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        return state

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing to do: `update` keeps the value."""

    def make(self, operation: Operation, inputs: Properties) -> str:
        raise AssertionError("create is overridden")

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        """Nothing to do: the value lived in the state."""
