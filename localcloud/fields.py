"""Declarations of the inputs and outputs of local resource types.

A type declares each input once: its kind, default, range, choices, what it conflicts with, whether a
change of it forces a replacement. Checking (`parse`) and comparing (`localcloud.compare`) follow from
that, so that what passes here passes the official plugin's own checks.

    delaySeconds = Integer(default=0, minimum=0, maximum=900)
    name = Text(force_new=True, autoname=Autoname(limit=80), conflicts=("namePrefix",))
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.values import UNKNOWN, has_unknown

Failures = list[tuple[str, str]]
"""Pairs of a property's path and what is wrong with it."""


@dataclass(frozen=True)
class Autoname:
    """How a name is made when the program gives none: ``<logical name>-<7 hex digits>``, cut to `limit`."""

    limit: int
    suffix: str = ""


@dataclass(frozen=True, kw_only=True)
class Field(ABC):
    """One input. `kind` names it for people.

    required: must be given. default: used when it is not given. computed: the service assigns a value
    when none is given, so that leaving it out is no change. force_new: a change needs a replacement.
    secret: always encrypted in the state. write_only: the service never tells it (a password), so a
    refresh keeps the old one. conflicts/requires: other inputs that must be absent/present with it.
    check: returns what is wrong with a value, or None.
    """

    required: bool = False
    default: Any = None
    computed: bool = False
    force_new: bool = False
    secret: bool = False
    write_only: bool = False
    conflicts: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    check: Callable[[Any], str | None] | None = None

    @property
    @abstractmethod
    def kind(self) -> str:
        """The name of the kind, for messages and the generated table."""

    def parse(self, path: str, value: Any, failures: Failures) -> Any:
        """Return `value` in its canonical form; append to `failures` what is wrong with it."""
        if value is UNKNOWN:
            return UNKNOWN
        try:
            parsed = self._convert(path, value, failures)
        except ValueError as error:
            failures.append((path, str(error)))
            return value
        if self.check and not has_unknown(parsed):
            problem = self.check(parsed)
            if problem:
                failures.append((path, problem))
        return parsed

    @abstractmethod
    def _convert(self, path: str, value: Any, failures: Failures) -> Any:
        """Return the canonical form or raise ValueError with what is wrong."""

    def same(self, old: Any, new: Any) -> bool:
        """Tell whether two parsed values mean the same to the service."""
        return old == new


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A string. min_length/max_length in characters; `pattern` must match as a whole."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    autoname: Autoname | None = None
    ignore_case: bool = False

    @property
    def kind(self) -> str:
        return "string"

    def _convert(self, path: str, value: Any, failures: Failures) -> str:
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, int | float):
            value = str(value)
        if not isinstance(value, str):
            raise ValueError(f"must be a string, not {describe(value)}")
        if self.choices and value not in self.choices:
            raise ValueError(f"must be one of {', '.join(map(repr, self.choices))}, not {self._shown(value)}")
        if len(value) < self.min_length or (self.max_length is not None and len(value) > self.max_length):
            most = "" if self.max_length is None else f" to {self.max_length}"
            raise ValueError(f"must have {self.min_length}{most} characters, not {len(value)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise ValueError(f"must match {self.pattern}, which {self._shown(value)} does not")
        return value

    def _shown(self, value: str) -> str:
        return "the given (secret) value" if self.secret else repr(value)

    def same(self, old: Any, new: Any) -> bool:
        if self.ignore_case and isinstance(old, str) and isinstance(new, str):
            return old.casefold() == new.casefold()
        return old == new


@dataclass(frozen=True, kw_only=True)
class WriteOnlyText(Text):
    """A secret that is sent on a create and never compared: a version number beside it tells of a change."""

    secret: bool = True
    write_only: bool = True

    @property
    def kind(self) -> str:
        return "string (write-only)"

    def same(self, old: Any, new: Any) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class JsonText(Text):
    """A string that holds JSON, such as a policy; white space and the order of keys mean nothing."""

    @property
    def kind(self) -> str:
        return "string (JSON)"

    def _convert(self, path: str, value: Any, failures: Failures) -> str:
        text = super()._convert(path, value, failures)
        if text:
            try:
                json.loads(text)
            except json.JSONDecodeError as error:
                raise ValueError(f"must be JSON: {error}") from None
        return text

    def same(self, old: Any, new: Any) -> bool:
        return _policy(old) == _policy(new)


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    """A boolean; the strings ``true`` and ``false`` are taken as well."""

    @property
    def kind(self) -> str:
        return "boolean"

    def _convert(self, path: str, value: Any, failures: Failures) -> bool:
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {describe(value)}")
        return value


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number between `minimum` and `maximum`, both included."""

    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[float, ...] = ()

    @property
    def kind(self) -> str:
        return "number"

    def _convert(self, path: str, value: Any, failures: Failures) -> float:
        number = self._number(value)
        if self.choices and number not in self.choices:
            raise ValueError(f"must be one of {', '.join(map(str, self.choices))}, not {number}")
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            wanted = (
                f"between {low} and {high}"
                if low is not None and high is not None
                else (f"at least {low}" if low is not None else f"at most {high}")
            )
            raise ValueError(f"must be {wanted}, not {number}")
        return number

    def _number(self, value: Any) -> float:
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                raise ValueError(f"must be a number, not {value!r}") from None
            return int(value) if value.is_integer() else value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"must be a number, not {describe(value)}")
        return value


@dataclass(frozen=True, kw_only=True)
class Integer(Number):
    """A whole number between `minimum` and `maximum`, both included."""

    @property
    def kind(self) -> str:
        return "integer"

    def _number(self, value: Any) -> int:
        number = super()._number(value)
        if not float(number).is_integer():
            raise ValueError(f"must be a whole number, not {number}")
        return int(number)


@dataclass(frozen=True, kw_only=True)
class ListOf(Field):
    """A list of `element`, in order, with `min_items` to `max_items` of them."""

    element: Field
    min_items: int = 0
    max_items: int | None = None

    @property
    def kind(self) -> str:
        return f"list of {self.element.kind}"

    def _convert(self, path: str, value: Any, failures: Failures) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, not {describe(value)}")
        if len(value) < self.min_items or (self.max_items is not None and len(value) > self.max_items):
            most = "" if self.max_items is None else f" to {self.max_items}"
            raise ValueError(f"must have {self.min_items}{most} items, not {len(value)}")
        return [self.element.parse(f"{path}[{index}]", item, failures) for index, item in enumerate(value)]

    def same(self, old: Any, new: Any) -> bool:
        old, new = old or [], new or []
        return len(old) == len(new) and all(map(self.element.same, old, new))


@dataclass(frozen=True, kw_only=True)
class SetOf(ListOf):
    """A list whose order means nothing."""

    @property
    def kind(self) -> str:
        return f"set of {self.element.kind}"

    def same(self, old: Any, new: Any) -> bool:
        rest = list(new or [])
        for item in old or []:
            match = next((other for other in rest if self.element.same(item, other)), None)
            if match is None:
                return False
            rest.remove(match)
        return not rest


@dataclass(frozen=True, kw_only=True)
class MapOf(Field):
    """A map from strings to `element`."""

    element: Field

    @property
    def kind(self) -> str:
        return f"map of {self.element.kind}"

    def _convert(self, path: str, value: Any, failures: Failures) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"must be a map, not {describe(value)}")
        return {key: self.element.parse(f"{path}.{key}", item, failures) for key, item in value.items()}

    def same(self, old: Any, new: Any) -> bool:
        old, new = old or {}, new or {}
        return old.keys() == new.keys() and all(self.element.same(old[key], new[key]) for key in old)


@dataclass(frozen=True, kw_only=True)
class Block(Field):
    """An object with declared properties of its own."""

    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "object"

    def _convert(self, path: str, value: Any, failures: Failures) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValueError(f"must be an object, not {describe(value)}")
        return parse_fields(self.fields, value, failures, path)

    def same(self, old: Any, new: Any) -> bool:
        old, new = old or {}, new or {}
        return all(
            (spec.computed and new.get(name) is None) or spec.same(old.get(name), new.get(name))
            for name, spec in self.fields.items()
        )


_REFUSED = "is not implemented by the local plugin; leave it out, or use the official plugin"


def parse_fields(
    fields: Mapping[str, Field], given: Mapping[str, Any], failures: Failures, path: str = ""
) -> dict[str, Any]:
    """Check `given` against `fields` (unknown names, kinds, conflicts); return it with defaults filled in."""
    prefix = f"{path}." if path else ""
    for name in given:
        if name not in fields:
            failures.append(
                (
                    prefix + name,
                    _REFUSED,
                )
            )
    parsed: dict[str, Any] = {}
    for name, spec in fields.items():
        value = given.get(name)
        if value is None:
            if spec.required:
                failures.append((prefix + name, "is required but was not given"))
            elif spec.default is not None and not any(
                given.get(other) is not None for other in spec.conflicts
            ):
                parsed[name] = spec.default
            continue
        parsed[name] = spec.parse(prefix + name, value, failures)
        for other in spec.conflicts:
            if given.get(other) is not None:
                failures.append((prefix + name, f"can't be given together with {other}"))
        for other in spec.requires:
            if given.get(other) is None:
                failures.append((prefix + name, f"needs {other} to be given as well"))
    return parsed


def from_setting(spec: Field | None, value: Any) -> Any:
    """Return the value of a provider's setting: these arrive as text, those that are not text as JSON."""
    if isinstance(value, str) and isinstance(spec, Block | ListOf | MapOf):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def describe(value: object) -> str:
    """Name the kind of a wrong value without showing it, since it may be a secret."""
    names = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "a boolean",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), type(value).__name__)


def _policy(value: Any) -> Any:
    """Parse JSON and fold what AWS policies hold equal: one-item lists and single values, order of lists."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            return value
    return _fold(value)


def _fold(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _fold(item) for key, item in value.items()}
    if isinstance(value, list):
        folded = [_fold(item) for item in value]
        if len(folded) == 1:
            return folded[0]
        return sorted(folded, key=lambda item: json.dumps(item, sort_keys=True))
    return value
