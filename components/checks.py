"""Checks of plain argument values. Every error is one line: field, value, and how to mend it."""

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

T = TypeVar("T")


class InvalidArgument(ValueError):
    """A component was given a value that it can't work with."""

    def __init__(self, field: str, value: object, mend: str) -> None:
        super().__init__(f"{field} is {value!r}: {mend}")
        self.field = field


def check_range(field: str, value: int, low: int, high: int, unit: str = "") -> None:
    """Refuse a number outside of `low` to `high`, both included."""
    # A bool is an int to Python; as a number of seconds it is a mistake.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:  # pyright: ignore[reportUnnecessaryIsInstance]
        what = f" {unit}" if unit else ""
        raise InvalidArgument(field, value, f"use a whole number from {low} to {high}{what}")


def check_choice(field: str, value: object, choices: Iterable[object]) -> None:
    """Refuse a value that is none of `choices`."""
    allowed = list(choices)
    if value not in allowed:
        raise InvalidArgument(field, value, "use one of " + ", ".join(str(choice) for choice in allowed))


def check_match(field: str, value: str, pattern: str, mend: str) -> None:
    """Refuse text that does not match `pattern` as a whole."""
    if not isinstance(value, str) or re.fullmatch(pattern, value) is None:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, value, mend)


def check_items(field: str, value: object, kinds: tuple[type, ...], mend: str) -> None:
    """Refuse whatever is no list or tuple of `kinds`."""
    if not isinstance(value, list | tuple):
        raise InvalidArgument(field, value, mend)
    for item in cast("Sequence[object]", value):
        if not isinstance(item, kinds):
            raise InvalidArgument(field, item, mend)


def check(condition: bool, field: str, value: object, mend: str) -> None:
    """Refuse `value` unless the condition holds."""
    if not condition:
        raise InvalidArgument(field, value, mend)
