"""Which properties differ between what was asked for before and what is asked for now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from localcloud.fields import Block, Field, ListOf, MapOf, SetOf
from localcloud.values import UNKNOWN, has_unknown


class Kind(Enum):
    """What happened to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class Change:
    """One property that differs; `path` as in ``tags.Name`` or ``ingress[0].cidr``."""

    path: str
    kind: Kind
    replace: bool = False


def changes(fields: Mapping[str, Field], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Compare two sets of parsed inputs; both have their defaults filled in.

    A value that is not known yet counts as a change: what it will be can't be told before deployment.
    """
    found: list[Change] = []
    for name, spec in fields.items():
        found += _field(name, spec, old.get(name), new.get(name), spec.force_new)
    return found


def root(path: str) -> str:
    """Return the property that `path` begins with.

    >>> root("ingress[0].cidr")
    'ingress'
    """
    return path.split(".", 1)[0].split("[", 1)[0]


def ignored(path: str, skipped: tuple[str, ...]) -> bool:
    """Tell whether `path` is one of the paths `skipped`, or lies inside one."""
    return any(path == each or path.startswith((f"{each}.", f"{each}[")) for each in skipped)


def _field(path: str, spec: Field, old: Any, new: Any, replace: bool) -> list[Change]:
    if new is UNKNOWN:
        return [Change(path, Kind.ADD if old is None else Kind.UPDATE, replace)]
    if new is None and (old is None or spec.computed):
        return []
    if not has_unknown(new) and spec.same(old, new):
        return []
    if old is None or new is None:
        if _empty(old) and _empty(new):
            return []
        kind = Kind.ADD if old is None else Kind.DELETE
        return [Change(path, kind, replace or _nested_replace(spec, new if old is None else old))]
    return _inside(path, spec, old, new, replace) or [Change(path, Kind.UPDATE, replace)]


def _inside(path: str, spec: Field, old: Any, new: Any, replace: bool) -> list[Change]:
    found: list[Change] = []
    if isinstance(spec, Block) and isinstance(old, dict) and isinstance(new, dict):
        for name, inner in spec.fields.items():
            found += _field(f"{path}.{name}", inner, old.get(name), new.get(name), replace or inner.force_new)
    elif isinstance(spec, MapOf) and isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            found += _field(f'{path}["{key}"]', spec.element, old.get(key), new.get(key), replace)
    elif (
        isinstance(spec, ListOf)
        and not isinstance(spec, SetOf)
        and isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
    ):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            found += _field(f"{path}[{index}]", spec.element, before, after, replace)
    elif isinstance(spec, ListOf):
        return [Change(path, Kind.UPDATE, replace or _nested_replace(spec, new))]
    return found


def _nested_replace(spec: Field, value: Any) -> bool:
    """Tell whether a whole block that comes or goes carries a property that forces a replacement."""
    if isinstance(spec, ListOf):
        return any(_nested_replace(spec.element, item) for item in value or [])
    if isinstance(spec, Block) and isinstance(value, dict):
        return any(
            (inner.force_new or _nested_replace(inner, value[name]))
            for name, inner in spec.fields.items()
            if value.get(name) is not None
        )
    return False


def _empty(value: Any) -> bool:
    return value is None or value in ([], {})
