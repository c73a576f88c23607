"""What differs between two versions of an object's inputs."""

from __future__ import annotations

from typing import Any

from localcloud.compare import Change, Kind
from localcloud.kubernetes.objects import plain_secret
from localcloud.kubernetes.quantity import holds_quantities, same_quantity
from localcloud.kubernetes.replacement import Path, needs_replacement
from localcloud.values import UNKNOWN

_MISSING = object()


def differences(
    old: dict[str, Any], new: dict[str, Any], replacing: list[tuple[str, ...]], *, namespaced: bool
) -> list[Change]:
    """Return every property that differs, with whether it needs a replacement.

    An unknown new value counts as a change. `namespaced` is false for kinds without namespaces, where a
    namespace means nothing; where it means something, a missing one is ``default``.
    """
    before = _comparable(old, namespaced=namespaced)
    after = _comparable(new, namespaced=namespaced)
    texts = set(_keys(old.get("stringData"))) | set(_keys(new.get("stringData")))
    found: list[tuple[Path, Kind, Any]] = []
    _compare((), before, after, found)
    return [
        Change(_spelled(_as_given(path, texts)), kind, needs_replacement(replacing, path, value))
        for path, kind, value in found
    ]


def same_value(path: Path, old: Any, new: Any) -> bool:
    """Tell whether two values at `path` mean the same to the API server."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(same_value((*path, key), old[key], new[key]) for key in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            same_value((*path, index), left, right)
            for index, (left, right) in enumerate(zip(old, new, strict=True))
        )
    if old is UNKNOWN or new is UNKNOWN or isinstance(old, bool) != isinstance(new, bool):
        return False
    return old == new or (holds_quantities(path) and same_quantity(old, new))


def _comparable(inputs: dict[str, Any], *, namespaced: bool) -> dict[str, Any]:
    shown = {name: value for name, value in plain_secret(inputs).items() if not name.startswith("__")}
    metadata = shown.get("metadata")
    if not isinstance(metadata, dict):
        metadata = {}
    metadata = {name: value for name, value in metadata.items() if name != "namespace"}
    if namespaced:
        given = inputs.get("metadata")
        metadata["namespace"] = (given.get("namespace") if isinstance(given, dict) else None) or _DEFAULT
    return {**shown, "metadata": metadata}


_DEFAULT = "default"


def _compare(path: Path, old: Any, new: Any, found: list[tuple[Path, Kind, Any]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            _compare((*path, key), old.get(key, _MISSING), new.get(key, _MISSING), found)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            _compare(
                (*path, index),
                old[index] if index < len(old) else _MISSING,
                new[index] if index < len(new) else _MISSING,
                found,
            )
    elif old is _MISSING or old is None:
        if new is not _MISSING and new is not None:
            found.append((path, Kind.ADD, new))
    elif new is _MISSING or new is None:
        found.append((path, Kind.DELETE, old))
    elif not same_value(path, old, new):
        found.append((path, Kind.UPDATE, new))


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict) else []


def _as_given(path: Path, texts: set[str]) -> Path:
    """Name a Secret's value by the property that the program gave it in."""
    if len(path) == 2 and path[0] == "data" and path[1] in texts:
        return ("stringData", path[1])
    return path


def _spelled(path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif any(sign in part for sign in '."[]'):
            escaped = part.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{part}" if text else part
    return text
