"""What a local resource type is, without any word of the engine's protocol.

A `ResourceType` checks, compares, creates, reads, updates and deletes one kind of thing;
`localcloud.provider` turns the engine's calls into calls of it. Types with declared inputs derive from
`localcloud.declared.DeclaredType`, which needs nothing but the declarations and four methods.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.compare import Change
from localcloud.fields import Failures, Field

Properties = dict[str, Any]


class LocalError(Exception):
    """An error that a user can act on; its text is one line: what is wrong, where, how to mend it."""


class Cancelled(LocalError):
    """The engine asked the plugin to stop."""


class UnknownToken(LocalError):
    """A resource type or function that no local plugin implements."""


@dataclass(frozen=True)
class Source:
    """Where the declarations of a type were read: a public file at a commit or version."""

    repository: str
    path: str
    revision: str

    def __str__(self) -> str:
        return f"{self.repository} {self.path} @ {self.revision}"


@dataclass(frozen=True, kw_only=True)
class CheckRequest:
    """What `ResourceType.check` decides on. `seed` makes generated names repeatable within one update."""

    urn: str
    name: str
    old: Properties
    new: Properties
    seed: bytes = b""
    proposed_name: str | None = None


@dataclass(frozen=True)
class Checked:
    """Inputs in canonical form, and what is wrong with them as (property, reason)."""

    inputs: Properties
    failures: Failures = field(default_factory=list)


@dataclass(frozen=True)
class Difference:
    """What an update would change; `delete_first`: a replacement can't exist beside the old one."""

    changes: list[Change] = field(default_factory=list)
    delete_first: bool = False
    volatile: tuple[str, ...] = ()

    @property
    def replaces(self) -> bool:
        """Tell whether any change needs a replacement."""
        return any(change.replace for change in self.changes)


@dataclass(frozen=True)
class Live:
    """What a read found: the state, the inputs that would lead to it, and why it is not healthy, if so."""

    id: str
    state: Properties
    inputs: Properties
    reasons: tuple[str, ...] = ()


class Operation:
    """One running create, read, update or delete: its deadline, cancellation, progress and partial result.

    A type that makes a thing in several steps calls `made` after the first one: should a later step fail
    or be cancelled, the engine still learns that the thing exists.
    """

    def __init__(
        self,
        urn: str,
        *,
        timeout: float,
        cancelled: threading.Event,
        say: Callable[[str], None] = lambda _text: None,
    ) -> None:
        self.urn = urn
        self.name = urn.rsplit("::", 1)[-1]
        self.deadline = time.monotonic() + timeout
        self.timeout = timeout
        self.partial: tuple[str, Properties] | None = None
        self.say = say
        self._cancelled = cancelled

    def made(self, identity: str, state: Properties | None = None) -> None:
        """Record that the thing exists under `identity`, even if what follows fails."""
        self.partial = (identity, dict(state or {}))

    def pause(self, seconds: float) -> None:
        """Wait `seconds`; raise `Cancelled` when the engine asks to stop, LocalError past the deadline."""
        if self._cancelled.wait(min(seconds, max(0.0, self.deadline - time.monotonic()))):
            raise Cancelled(f"{self.name}: cancelled")
        if time.monotonic() >= self.deadline:
            raise LocalError(
                f"{self.name}: not finished within {self.timeout:g} s; "
                "raise customTimeouts or look at the last status above"
            )

    def until(self, ready: Callable[[], bool], *, every: float = 0.2) -> None:
        """Wait until `ready` returns true, asking every `every` seconds."""
        while not ready():
            self.pause(every)


class ResourceType(ABC):
    """One kind of thing that the engine can manage through a local plugin."""

    token: str
    source: Source

    @abstractmethod
    def check(self, request: CheckRequest) -> Checked:
        """Return the inputs in canonical form, with defaults and names, and what is wrong with them."""

    @abstractmethod
    def diff(self, identity: str, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        """Tell what would change."""

    @abstractmethod
    def preview(
        self, inputs: Properties, state: Properties | None, difference: Difference | None
    ) -> Properties:
        """Return the state as far as it can be told before deployment, touching nothing."""

    @abstractmethod
    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        """Make the thing; return its id and state."""

    @abstractmethod
    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        """Return what is there now, or None when it is gone."""

    @abstractmethod
    def update(
        self, operation: Operation, identity: str, old_inputs: Properties, state: Properties, new: Properties
    ) -> Properties:
        """Change the thing in place; return its new state."""

    @abstractmethod
    def delete(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> None:
        """Remove the thing; a thing that is gone already is no error."""

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        """Return the id of an existing thing that exactly these inputs made, or None.

        Asked only when an earlier create of the same URN was cut short before its id was written down.
        """
        return None

    def takes_up(self, inputs: Properties, orphan: str) -> bool:
        """Tell whether a create with `inputs` goes on with the thing `orphan`, so that it must stay."""
        return False

    def timeout(self, action: str) -> float:
        """Return the default time-out of ``create``, ``update`` or ``delete`` in seconds."""
        return 300.0

    unused: Mapping[str, Any] = {}
    """Properties under which a thing goes at once and for good that was made but never used: its name is
    wanted again by the next create.
    """

    creates_once = True
    """Whether a second create would make a second thing; server-side apply, for one, does not."""


class Function(ABC):
    """One function (invoke) of a plugin."""

    token: str
    source: Source
    inputs: Mapping[str, Field]

    @abstractmethod
    def call(self, arguments: Properties) -> Properties:
        """Return the function's result for arguments in canonical form."""


class Package(ABC):
    """One plugin: its name, its settings, its types and functions."""

    name: str
    version: str
    settings: Mapping[str, Field]

    @abstractmethod
    def configure(self, settings: Properties) -> None:
        """Take the provider's settings, checked and parsed; raise LocalError when they can't work."""

    @abstractmethod
    def resource(self, token: str) -> ResourceType:
        """Return the type of `token` or raise `UnknownToken`."""

    @abstractmethod
    def function(self, token: str) -> Function:
        """Return the function of `token` or raise `UnknownToken`."""

    def tokens(self) -> list[str]:
        """Return the tokens of the types that are declared one by one; a generic package has none."""
        return []

    def functions(self) -> list[str]:
        """Return the tokens of the functions."""
        return []

    def explain(self, error: Exception) -> str | None:
        """Turn an error of a client library into one line, or return None for a fault of our own."""
        return None
