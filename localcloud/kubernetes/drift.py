"""The inputs that a live object stands for, in the program's own words where those still hold."""

from __future__ import annotations

from typing import Any

from localcloud.kubernetes.difference import same_value
from localcloud.kubernetes.objects import in_engine_words, is_secret, plain_secret, text_of
from localcloud.kubernetes.replacement import Path

# What tells the items of a list apart, as the API server merges them.
_KEYS = (("name",), ("containerPort", "protocol"), ("port", "protocol"), ("mountPath",), ("key",), ("ip",))

_GONE = object()
"""Stands for what is not there."""

_UNTOLD = object()
"""Stands for a desired value that is not known, for want of a dry-run."""


def live_inputs(
    old: dict[str, Any], live: dict[str, Any], desired: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return `old` with the values of `live` wherever they differ.

    Only what `old` sets is looked at: the rest belongs to the API server or to somebody else. `desired` is
    what the API server would make of `old` (a dry-run): a value that it merely writes in another way, or
    fills in, is then no difference.
    """
    found: dict[str, Any] = {}
    seen = in_engine_words(live)
    wanted = in_engine_words(desired) if desired is not None else _UNTOLD
    for name, value in old.items():
        if name.startswith("__") or name in ("apiVersion", "kind"):
            found[name] = value
        elif name == "stringData" and is_secret(old):
            texts = _texts(value, seen.get("data"))
            if texts:
                found[name] = texts
        else:
            projected = _project((name,), value, seen.get(name, _GONE), _sub(wanted, name))
            if projected is not _GONE:
                found[name] = projected
    return found


def has_drifted(old: dict[str, Any], projected: dict[str, Any]) -> bool:
    """Tell whether a projection says anything but `old`."""
    return not same_value((), plain_secret(old), plain_secret(projected))


def _texts(old: Any, data: Any) -> dict[str, Any]:
    """Return a Secret's ``stringData`` as its live ``data`` says it."""
    if not isinstance(old, dict) or not isinstance(data, dict):
        return {}
    return {key: text_of(data[key]) for key in old if key in data}


def _project(path: Path, old: Any, live: Any, desired: Any) -> Any:
    """Return what the live object says at `path`; `desired` is what applying `old` would make of it."""
    if live is _GONE or live is None:
        # The API server leaves out what is empty or zero.
        return old if _empty(old) or desired is _GONE else _GONE
    if desired is not _UNTOLD and desired is not _GONE and same_value(path, desired, live):
        return old
    if same_value(path, old, live):
        return old
    if isinstance(old, dict) and isinstance(live, dict):
        return _project_map(path, old, live, desired)
    if isinstance(old, list) and isinstance(live, list):
        return _project_list(path, old, live, desired)
    return live


def _project_map(path: Path, old: dict[str, Any], live: dict[str, Any], desired: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in old.items():
        projected = _project((*path, key), value, live.get(key, _GONE), _sub(desired, key))
        if projected is not _GONE:
            found[key] = projected
    return found


def _project_list(path: Path, old: list[Any], live: list[Any], desired: Any) -> list[Any]:
    key = _merge_key(old, live)
    wanted = desired if isinstance(desired, list) else []
    if key is None:
        if len(old) != len(live):
            return live
        return [
            _project((*path, index), value, item, wanted[index] if index < len(wanted) else _UNTOLD)
            for index, (value, item) in enumerate(zip(old, live, strict=True))
        ]
    by_key = {_identity(item, key): item for item in live}
    wanted_by_key = {_identity(item, key): item for item in wanted if isinstance(item, dict)}
    found: list[Any] = []
    for index, value in enumerate(old):
        who = _identity(value, key)
        if who in by_key:
            found.append(_project((*path, index), value, by_key[who], wanted_by_key.get(who, _UNTOLD)))
    return found


def _sub(desired: Any, key: str) -> Any:
    """Return the desired value below `key`."""
    return desired.get(key, _GONE) if isinstance(desired, dict) else _UNTOLD


def _merge_key(old: list[Any], live: list[Any]) -> tuple[str, ...] | None:
    items = [*old, *live]
    if not items or not all(isinstance(item, dict) for item in items):
        return None
    for key in _KEYS:
        if all(item.get(key[0]) is not None for item in items):
            unique = all(len({_identity(item, key) for item in side}) == len(side) for side in (old, live))
            if unique:
                return key
    return None


def _identity(item: dict[str, Any], key: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(item.get(part, "TCP" if part == "protocol" else None) for part in key)


def _empty(value: Any) -> bool:
    return value is None or value is False or value in ("", 0) or value in ([], {})
