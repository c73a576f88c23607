"""Filter policies of SNS: which messages of a topic a subscription gets. Pure, and free of Pulumi.

The rules and limits are SNS's own: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
and https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast

from components.checks import InvalidArgument, check

ATTRIBUTES = "MessageAttributes"
BODY = "MessageBody"
SCOPES = (ATTRIBUTES, BODY)
"""What a filter looks at: the attributes of a message, or its body, which is JSON then."""

KEYS_LIMIT = 5
COMBINATIONS_LIMIT = 150
SIZE_LIMIT = 256 * 1024
_NUMBER_LIMIT = 1e9
_PATH_LIMIT = 60
_COMPARISONS = frozenset({"=", "<", "<=", ">", ">="})
_OPERATORS = ("anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix")

Policy = Mapping[str, Any]
"""A filter policy: from a key to the list of what its value may be."""


def check_filter(field: str, policy: Policy, scope: str) -> None:
    """Refuse a filter that SNS would refuse, with the path to what is wrong with it.

    >>> check_filter("filter", {"kind": ["order", {"prefix": "return-"}]}, ATTRIBUTES)

    Raises:
        InvalidArgument: a filter of another shape, or one that is larger than SNS takes.
    """
    if not isinstance(policy, Mapping) or not policy:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(field, policy, "use a map with at least one key, or None for every message")
    leaves = _leaves(field, policy, scope, depth=1)
    many = f"use at most {KEYS_LIMIT} keys; SNS takes no more"
    check(len(leaves) <= KEYS_LIMIT, field, f"{len(leaves)} keys", many)
    combinations = math.prod(leaves)
    fewer = f"use at most {COMBINATIONS_LIMIT}: the product of each key's values" + (
        ", times its depth" if scope == BODY else ""
    )
    check(combinations <= COMBINATIONS_LIMIT, field, f"{combinations} combinations", fewer)
    size = len(json.dumps(policy).encode())
    check(size <= SIZE_LIMIT, field, f"{size} bytes", f"use at most {SIZE_LIMIT} bytes")


def _leaves(path: str, policy: Policy, scope: str, depth: int) -> list[int]:
    """What each key that has a list of values counts for: their number, times how deep it lies."""
    # Nothing that has at most 150 combinations is deeper; a policy that holds itself ends here as well.
    check(
        depth <= COMBINATIONS_LIMIT,
        path.split("[", maxsplit=1)[0],
        "too deep",
        f"use at most {COMBINATIONS_LIMIT} levels",
    )
    found: list[int] = []
    for key, values in policy.items():
        if not isinstance(key, str) or not key:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(path, key, "use text of at least one character for a key")
        here = _at(path, key)
        if key.startswith("$"):
            raise InvalidArgument(here, values, "use plain keys: operators with $ are not supported here")
        inner, accepted = _map(values), _list(values)
        if inner is not None and scope == BODY:
            check(bool(inner), here, inner, "name at least one key")
            found += _leaves(here, inner, scope, depth + 1)
        elif accepted:
            for value in accepted:
                _check_value(here, value, scope)
            found.append(len(accepted) * (depth if scope == BODY else 1))
        else:
            raise InvalidArgument(here, values, "use a list of at least one value")
    return found


def _check_value(path: str, value: Any, scope: str) -> None:
    condition = _map(value)
    if condition is not None:
        keys = list(condition)
        known = len(keys) == 1 and keys[0] in _OPERATORS
        check(known, path, value, f"use one of {', '.join(_OPERATORS)}")
        _check_condition(path, keys[0], condition[keys[0]])
    elif isinstance(value, bool) or value is None:
        # An attribute is text, a number or a list; only a body has more.
        check(scope == BODY, path, value, "use text or a number; others exist in a message's body only")
    elif isinstance(value, int | float):
        _check_number(path, value)
    else:
        check(isinstance(value, str), path, value, "use text, a number, or a condition")


def _check_condition(path: str, operator: str, operand: Any) -> None:
    if operator == "exists":
        check(isinstance(operand, bool), path, operand, "use true or false with exists")
    elif operator == "numeric":
        _check_numeric(path, operand)
    elif operator == "anything-but":
        _check_anything_but(path, operand)
    else:
        check(isinstance(operand, str) and operand != "", path, operand, f"use text with {operator}")


def _check_anything_but(path: str, operand: Any) -> None:
    inner, listed = _map(operand), _list(operand)
    if inner is not None:
        pairs = list(inner.items())
        good = len(pairs) == 1 and pairs[0][0] in ("prefix", "suffix") and isinstance(pairs[0][1], str)
        check(good, path, operand, "use prefix or suffix inside of anything-but")
        return
    values = [operand] if listed is None else listed
    text = all(isinstance(one, str) for one in values)
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in values)
    check(
        bool(values) and (text or numbers), path, operand, "use text only, or numbers only, with anything-but"
    )
    if numbers:
        for one in values:
            _check_number(path, one)


def _check_numeric(path: str, operand: Any) -> None:
    mend = 'use a comparison such as ["=", 1] or a range such as [">=", 1, "<", 9]'
    items = _list(operand) or []
    check(len(items) in (2, 4), path, operand, mend)
    for sign, number in zip(items[::2], items[1::2], strict=True):
        check(isinstance(sign, str) and sign in _COMPARISONS, path, operand, mend)
        check(isinstance(number, int | float) and not isinstance(number, bool), path, operand, mend)
        _check_number(path, number)
    if len(items) == 4:
        check(items[0] in (">", ">=") and items[2] in ("<", "<="), path, operand, mend)
        check(items[1] < items[3], path, operand, "use a range whose end is above its beginning")


def _check_number(path: str, value: float) -> None:
    # A number that is none (NaN) is within no range.
    within = -_NUMBER_LIMIT <= value <= _NUMBER_LIMIT
    check(within, path, value, "use a number from -10^9 to 10^9")
    exact = isinstance(value, int) or round(value, 5) == value
    check(exact, path, value, "use at most five digits after the point")


def _at(path: str, key: str) -> str:
    """The path to a key, as far as an error of one short line can show it."""
    if len(path) > _PATH_LIMIT:
        return path
    return f"{path}[{key if re.fullmatch(r'[A-Za-z0-9_.$-]{1,30}', key) else '…'}]"


def _map(value: Any) -> Mapping[Any, Any] | None:
    return cast(Mapping[Any, Any], value) if isinstance(value, Mapping) else None


def _list(value: Any) -> list[Any] | None:
    return cast(list[Any], value) if isinstance(value, list) else None
