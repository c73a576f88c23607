"""Kubernetes quantities, such as ``500m`` of a processor or ``1Gi`` of memory."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_QUANTITY = re.compile(r"(?P<number>[+-]?(\d+(\.\d*)?|\.\d+))(?P<unit>[eE][+-]?\d+|[KMGTPE]i|[numkMGTPE]?)")
_UNITS = {
    "": Decimal(1),
    **{unit: Decimal(10) ** (3 * (index - 3)) for index, unit in enumerate("num")},
    **{unit: Decimal(10) ** (3 * (index + 1)) for index, unit in enumerate("kMGTPE")},
    **{f"{unit}i": Decimal(1024) ** (index + 1) for index, unit in enumerate("KMGTPE")},
}

# Properties below which values are quantities.
_HOLDERS = frozenset(
    {
        "averageValue",
        "capacity",
        "default",
        "defaultRequest",
        "divisor",
        "hard",
        "limits",
        "max",
        "min",
        "overhead",
        "podFixed",
        "requests",
        "sizeLimit",
    }
)


def parse_quantity(value: Any) -> Decimal | None:
    """Return the number that a quantity stands for, or None when it is none.

    >>> parse_quantity("500m"), parse_quantity("1Ki")
    (Decimal('0.500'), Decimal('1024'))
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return Decimal(str(value))
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    unit = match["unit"]
    if unit[:1] in ("e", "E") and len(unit) > 1 and unit != "Ei":
        return Decimal(match["number"] + unit)
    return Decimal(match["number"]) * _UNITS[unit]


def holds_quantities(path: tuple[str | int, ...]) -> bool:
    """Tell whether the value at `path` is a quantity: it stands below a property that holds some."""
    return any(part in _HOLDERS for part in path[-2:])


def same_quantity(old: Any, new: Any) -> bool:
    """Tell whether two values are quantities of the same size."""
    left, right = parse_quantity(old), parse_quantity(new)
    return left is not None and left == right
