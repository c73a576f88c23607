"""Physical names: given, generated, or begun by a prefix."""

from __future__ import annotations

import itertools
import re
import secrets
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from localcloud.aws.base import AwsType
from localcloud.fields import Text
from localcloud.resource import Operation, Properties

UNIQUE_LENGTH: Final = 26
"""Characters that follow a prefix, as the official provider makes them: 18 digits of time, 8 hex digits."""

_counter = itertools.count(secrets.randbits(31))


def unique_name(prefix: str, suffix: str = "") -> str:
    """Return `prefix`, 26 characters that no other name has, and `suffix`.

    >>> len(unique_name("a-", ".fifo"))
    33
    """
    now = datetime.now(UTC)
    stamp = f"{now:%Y%m%d%H%M%S}{now.microsecond // 100:04d}"
    return f"{prefix}{stamp}{next(_counter) & 0xFFFFFFFF:08x}{suffix}"


def made_from(prefix: str, name: str, suffix: str = "") -> bool:
    """Tell whether `name` is one that `unique_name` makes of `prefix` and `suffix`."""
    return bool(re.fullmatch(rf"{re.escape(prefix)}\d{{18}}[0-9a-f]{{8}}{re.escape(suffix)}", name))


def prefix_input(limit: int, *, name: str = "name", pattern: str | None = None) -> Text:
    """Declare the input ``namePrefix`` beside `name`, whose names may have `limit` characters."""
    return Text(
        computed=True,
        force_new=True,
        conflicts=(name,),
        max_length=limit - UNIQUE_LENGTH,
        pattern=pattern,
    )


class NamedType(AwsType):
    """A type whose things bear the name of the input `name_input`, or one begun by `prefix_input_name`."""

    name_input: ClassVar[str] = "name"
    prefix_input_name: ClassVar[str] = "namePrefix"

    @abstractmethod
    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        """Return the id of the thing called `name`, or None."""

    @abstractmethod
    def names(self, client: Any, prefix: str) -> Iterable[str]:
        """Return the names of all things whose name begins with `prefix`."""

    def suffix(self, inputs: Properties) -> str:
        """Return what names must end with."""
        return ""

    def physical_name(self, inputs: Properties) -> str:
        """Return the name for a create."""
        name = inputs.get(self.name_input)
        return name or unique_name(inputs.get(self.prefix_input_name) or "", self.suffix(inputs))

    def live(self, state: Properties, found: Properties, tags: Mapping[str, str] | None = None) -> Properties:
        result = super().live(state, found, tags)
        prefix = state.get(self.prefix_input_name)
        if isinstance(prefix, str) and str(result.get(self.name_input, "")).startswith(prefix):
            result[self.prefix_input_name] = prefix
        return result

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        name = inputs.get(self.name_input)
        if name:
            return self.named(operation, inputs, name)
        prefix = inputs.get(self.prefix_input_name) or ""
        candidates = []
        for each in self.names(self.client(inputs), prefix):
            if not made_from(prefix, each, self.suffix(inputs)):
                continue
            identity = self.named(operation, inputs, each)
            live = self.fetch(operation, identity, {}) if identity else None
            if identity and live:
                candidates.append((identity, live.get("tagsAll") or {}))
        return self.only(candidates, inputs)
