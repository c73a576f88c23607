"""Resource types whose inputs are declared field by field."""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from localcloud.compare import Change, changes, root
from localcloud.fields import Failures, Field, Text, parse_fields
from localcloud.resource import (
    Checked,
    CheckRequest,
    Difference,
    Live,
    Operation,
    Properties,
    ResourceType,
)
from localcloud.values import UNKNOWN, Secret

GENERATED = "__defaults"
"""Names of the inputs that were generated, as the official bridge records them."""


class DeclaredType(ResourceType):
    """A type with declared inputs and outputs.

    `inputs`: what a program may give. `outputs`: names of what the state holds besides the inputs.
    `secret_outputs`: those always encrypted. `volatile`: outputs that any update may change (a version id).
    `exactly_one`/`at_least_one`: groups of inputs.

    A subclass writes `create`, `fetch`, `modify` and `remove`; each returns or takes plain state.
    """

    inputs: Mapping[str, Field]
    outputs: tuple[str, ...] = ()
    secret_outputs: frozenset[str] = frozenset()
    volatile: tuple[str, ...] = ()
    exactly_one: tuple[tuple[str, ...], ...] = ()
    at_least_one: tuple[tuple[str, ...], ...] = ()
    delete_before_replace = False

    # -- what a subclass writes ---------------------------------------------------------------------

    @abstractmethod
    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        """Return the live state (inputs under their own names, and outputs), or None when it is gone."""

    @abstractmethod
    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Change the live thing from the inputs `old` to `new`."""

    @abstractmethod
    def make(self, operation: Operation, inputs: Properties) -> str:
        """Make the thing and return its id; call ``operation.made(id)`` before any further step."""

    @abstractmethod
    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        """Remove the thing; one that is gone already is no error."""

    def validate(self, inputs: Properties) -> Failures:
        """Return what is wrong with the inputs as a whole (values may be UNKNOWN)."""
        return []

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        """Return changes that follow from more than the inputs, such as the provider's default tags."""
        return []

    # -- what the plugin calls ----------------------------------------------------------------------

    def check(self, request: CheckRequest) -> Checked:
        failures: Failures = []
        given = dict(request.new)
        generated = self._autoname(request, given)
        inputs = parse_fields(self.inputs, given, failures)
        failures += self._groups(given)
        if not failures:
            failures += self.validate(inputs)
        if generated:
            inputs[GENERATED] = generated
        return Checked(inputs, failures)

    def diff(self, identity: str, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        found = changes(self.inputs, old_inputs, new)
        found += self.extra_changes(old_inputs, new, state)
        replaces = any(change.replace for change in found)
        return Difference(
            changes=found,
            delete_first=replaces and (self.delete_before_replace or self._name_is_kept(old_inputs, new)),
            volatile=self.volatile,
        )

    def preview(
        self, inputs: Properties, state: Properties | None, difference: Difference | None
    ) -> Properties:
        outputs: Properties = dict.fromkeys((*self.outputs, *self._computed()), UNKNOWN)
        if state is None:
            return outputs | _public(inputs)
        changed = {root(change.path) for change in difference.changes} if difference else set(inputs)
        # What does not change keeps the state's value, which may be another than the one asked for (a port).
        outputs |= {
            name: value for name, value in state.items() if name not in changed or name not in self.inputs
        }
        if changed:
            outputs |= dict.fromkeys(self.volatile, UNKNOWN)
        return outputs | {
            name: value
            for name, value in _public(inputs).items()
            if name in changed or state.get(name) is None
        }

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        identity = self.make(operation, inputs)
        if operation.partial is None:
            operation.made(identity, _public(inputs))
        return identity, self._state(operation, identity, inputs, {})

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        live = self.fetch(operation, identity, state)
        if live is None:
            return None
        found = self._inputs_of(live, inputs)
        # The program's own words stand where they mean the same, as after a create: no drift is shown then.
        said = {
            name: value
            for name, value in inputs.items()
            if live.get(name) is not None and self._keeps(name, value, live)
        }
        return Live(identity, self.sealed({**_kept(self.inputs, inputs), **live, **said}), found)

    def update(
        self, operation: Operation, identity: str, old_inputs: Properties, state: Properties, new: Properties
    ) -> Properties:
        self.modify(operation, identity, old_inputs, new)
        return self._state(operation, identity, new, state)

    def delete(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> None:
        self.remove(operation, identity, state)

    # -- inside -------------------------------------------------------------------------------------

    def _state(
        self, operation: Operation, identity: str, inputs: Properties, state: Properties
    ) -> Properties:
        live = self.fetch(operation, identity, {**state, **_public(inputs)})
        if live is None:
            live = {}
        merged = {
            **live,
            **{name: value for name, value in _public(inputs).items() if self._keeps(name, value, live)},
        }
        return self.sealed(merged)

    def _keeps(self, name: str, value: Any, live: Properties) -> bool:
        """Tell whether the input as given stands in the state: it means the same as the live value."""
        return live.get(name) is None or self.inputs[name].same(live[name], value)

    def sealed(self, state: Properties) -> Properties:
        """Return `state` with its secret properties marked, and what is None left out."""
        secret = self.secret_outputs | {name for name, spec in self.inputs.items() if spec.secret}
        return {
            name: Secret(value) if name in secret else value
            for name, value in state.items()
            if value is not None
        }

    def _computed(self) -> list[str]:
        return [name for name, spec in self.inputs.items() if spec.computed]

    def _inputs_of(self, live: Properties, old: Properties) -> Properties:
        """Return the inputs that would lead to the live state, in the program's own words where they hold."""
        found: Properties = {}
        for name, spec in self.inputs.items():
            value = live.get(name)
            if name in old and (value is None and spec.write_only):
                found[name] = old[name]
            elif value is None:
                continue
            elif name in old:
                found[name] = old[name] if spec.same(value, old[name]) else value
            elif old:
                if not spec.computed and not _is_default(spec, value):
                    found[name] = value
            elif spec.default is not None or (spec.computed and value is False):
                found[name] = value  # an import takes what is decided already, by default or by the service
            elif not _is_default(spec, value):
                found[name] = value
        if GENERATED in old:
            found[GENERATED] = old[GENERATED]
        return found

    def _groups(self, given: Properties) -> Failures:
        failures: Failures = []
        for group in self.exactly_one:
            count = sum(given.get(name) is not None for name in group)
            if count != 1:
                failures.append((group[0], f"exactly one of {', '.join(group)} must be given, not {count}"))
        for group in self.at_least_one:
            if all(given.get(name) is None for name in group):
                failures.append((group[0], f"at least one of {', '.join(group)} must be given"))
        return failures

    def _autoname(self, request: CheckRequest, given: Properties) -> list[str]:
        """Fill in names that the program left out; keep the one that an earlier update generated."""
        generated: list[str] = []
        for name, spec in self.inputs.items():
            if not isinstance(spec, Text) or spec.autoname is None or given.get(name) is not None:
                continue
            if any(given.get(other) is not None for other in spec.conflicts):
                continue
            if name in request.old.get(GENERATED, []) and request.old.get(name):
                given[name] = request.old[name]
            else:
                given[name] = request.proposed_name or generate_name(
                    request.name, request.seed, spec.autoname.limit, spec.autoname.suffix
                )
            generated.append(name)
        return generated

    def _name_is_kept(self, old: Properties, new: Properties) -> bool:
        """Tell whether a replacement would bear the name of the old one: both can't exist at once."""
        return any(
            isinstance(spec, Text)
            and spec.autoname is not None
            and name not in new.get(GENERATED, [])
            and old.get(name) is not None
            and old.get(name) == new.get(name)
            for name, spec in self.inputs.items()
        )


def generate_name(name: str, seed: bytes, limit: int, suffix: str = "") -> str:
    """Return ``<name>-<7 hex digits>``, at most `limit` characters, as pulumi's auto-naming makes them."""
    digits = hashlib.sha256(seed or name.encode()).hexdigest()[:7]
    room = limit - len(digits) - 1 - len(suffix)
    return f"{name[:room]}-{digits}{suffix}"


def _is_default(spec: Field, value: Any) -> bool:
    if spec.default is not None:
        return spec.same(spec.default, value)
    return value in ([], {}, "", False)


def _public(inputs: Properties) -> Properties:
    return {name: value for name, value in inputs.items() if name != GENERATED}


def _kept(fields: Mapping[str, Field], inputs: Properties) -> Properties:
    return {name: inputs[name] for name, spec in fields.items() if spec.write_only and name in inputs}
