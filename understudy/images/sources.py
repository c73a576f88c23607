"""Which files an image is made of, and their digest."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from understudy.images.errors import ImageError

__all__ = ["source_digest"]

_SKIPPED_FOLDERS = frozenset({"target", "testdata"})


def source_digest(repo: Path, paths: Iterable[str]) -> str:
    """Return the hexadecimal SHA-256 over names and contents of all files below the paths.

    Tests and build output have no part in it, so that changing a test gives no new image.

    Args:
        repo: the repository's root; only what lies below it counts, never where it is.
        paths: files and folders relative to ``repo``.

    Raises:
        ImageError: a path is missing.
    """
    total = hashlib.sha256()
    for path in sorted(paths):
        if not (repo / path).exists():
            raise ImageError(f"{repo / path} is missing: run this from a complete checkout")
        for file in _files(repo / path):
            name = file.relative_to(repo).as_posix()
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(
        file
        for file in path.rglob("*")
        if file.is_file()
        and not file.name.endswith("_test.go")
        and not _SKIPPED_FOLDERS.intersection(file.relative_to(path).parts)
    )
