"""Checks of plain argument values. Every error is one short line: field, value, and how to mend it."""

import re
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")

_LONGEST_VALUE = 80
_LONGEST_FIELD = 100
_LONGEST_MEND = 250
_LONGEST_MATCHED = 1024
"""Nothing that has a pattern is this long; it bounds what a pattern has to look at."""


class InvalidArgument(ValueError):
    """A component was given a value that it can't work with.

    Whatever the value is, the message is one line of at most some 450 printable characters.
    """

    def __init__(self, field: str, value: object, mend: str, *, secret: bool = False) -> None:
        shown = f"not shown, of type {type(value).__name__}" if secret else shorten(value)
        super().__init__(f"{_line(field, _LONGEST_FIELD)} is {shown}: {_line(mend, _LONGEST_MEND)}")
        self.field = field


def shorten(value: object) -> str:
    """`value` as Python writes it, in one line of at most 80 characters.

    >>> shorten("feature-x")
    "'feature-x'"
    """
    if isinstance(value, int) and value.bit_length() > 200:
        # Python itself refuses to write numbers of more than 4300 digits.
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        text = repr(value[: _LONGEST_VALUE + 1])
    elif type(value).__repr__ is object.__repr__:
        # Its address in memory would say nothing, and something else each time.
        text = f"<{type(value).__name__}>"
    else:
        try:
            text = repr(value)
        except Exception:  # a value that can't even be written is still only a wrong value
            text = f"<{type(value).__name__}>"
    return _line(text, _LONGEST_VALUE)


def _line(text: str, longest: int) -> str:
    head = text[: longest + 1]
    clean = "".join(one if one.isprintable() else "?" for one in head)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def check_range(field: str, value: int, low: int, high: int, unit: str = "") -> None:
    """Refuse a number outside of `low` to `high`, both included."""
    # A bool is an int to Python; as a number of seconds it is a mistake.
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:  # pyright: ignore[reportUnnecessaryIsInstance]
        what = f" {unit}" if unit else ""
        raise InvalidArgument(field, value, f"use a whole number from {low} to {high}{what}")


def check_choice(field: str, value: object, choices: Iterable[object]) -> None:
    """Refuse a value that is none of `choices`."""
    allowed = list(choices)
    # By type, too: to Python, True is 1 and 1.0 is 1.
    if not any(type(value) is type(choice) and value == choice for choice in allowed):
        raise InvalidArgument(field, value, "use one of " + ", ".join(str(choice) for choice in allowed))


def check_match(field: str, value: str, pattern: str, mend: str) -> None:
    """Refuse text that does not match `pattern` as a whole; `\\d`, `\\w` and `\\s` mean ASCII."""
    good = isinstance(value, str) and len(value) <= _LONGEST_MATCHED  # pyright: ignore[reportUnnecessaryIsInstance]
    if not good or re.fullmatch(pattern, value, re.ASCII) is None:
        raise InvalidArgument(field, value, mend)


def check(condition: bool, field: str, value: object, mend: str) -> None:
    """Refuse `value` unless the condition holds."""
    if not condition:
        raise InvalidArgument(field, value, mend)
