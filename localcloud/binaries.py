"""Keeps the record of binaries in a cache folder, and says whether they are still what was recorded.

The record (``manifest.json`` beside the binaries) holds what they were made from and the SHA-256 of each, so
that a truncated, changed or outdated binary is noticed before it is run.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from localcloud.files import write_atomic

__all__ = ["record", "recorded", "sha256_file"]

_MANIFEST = "manifest.json"


def record(folder: Path, binaries: Iterable[str], recipe: str, about: Mapping[str, str]) -> dict[str, Path]:
    """Write down the binaries of ``folder`` as they are now; return their paths.

    Args:
        folder: where the binaries are.
        binaries: their file names.
        recipe: digest of all that decides what they are; another one makes them outdated.
        about: facts for a reader of the file, such as name and version.
    """
    paths = {name: folder / name for name in binaries}
    files = {name: {"sha256": sha256_file(path), **_stamp(path)} for name, path in paths.items()}
    manifest = {**about, "recipe": recipe, "files": files}
    write_atomic(folder / _MANIFEST, json.dumps(manifest, indent=2, sort_keys=True) + "\n", mode=0o644)
    return paths


def recorded(folder: Path, binaries: Iterable[str], recipe: str) -> dict[str, Path] | None:
    """Return the paths of the binaries if each is there, unchanged and from ``recipe``; else nothing.

    Size and time of change are compared; only where the time differs is the file read and its digest decides.
    """
    manifest = _read(folder)
    if manifest is None or manifest.get("recipe") != recipe:
        return None
    files = manifest.get("files")
    if not isinstance(files, dict):
        return None
    paths = {name: folder / name for name in binaries}
    return paths if all(_unchanged(path, files.get(name)) for name, path in paths.items()) else None


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file's content as hex digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def _unchanged(path: Path, entry: object) -> bool:
    if not isinstance(entry, dict) or not path.is_file() or not os.access(path, os.X_OK):
        return False
    stamp = _stamp(path)
    if all(entry.get(key) == value for key, value in stamp.items()):
        return True
    return entry.get("size") == stamp["size"] and entry.get("sha256") == sha256_file(path)


def _stamp(path: Path) -> dict[str, int]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
