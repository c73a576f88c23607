"""Archives of a program as zip files: the same files always make the same bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from localcloud.values import Archive, Asset

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier time
_MODE = 0o644 << 16


class MissingFile(ValueError):
    """An archive names a file that can't be read."""


def zip_of(archive: Archive) -> bytes:
    """Return the archive as a zip: names in order, no times, no owners. A given zip stays as it is."""
    if archive.path is not None and Path(archive.path).is_file():
        content = _read(Path(archive.path))
        if not zipfile.is_zipfile(io.BytesIO(content)):
            raise MissingFile(f"the archive {archive.path} is no zip")
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in sorted(_files(archive)):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr, entry.compress_type = _MODE, zipfile.ZIP_DEFLATED
            out.writestr(entry, content)
    return buffer.getvalue()


def digest(archive: Archive) -> str:
    """Return what tells two archives apart: the engine's hash, else one of the content."""
    return archive.digest or hashlib.sha256(zip_of(archive)).hexdigest()


def _files(value: Asset | Archive, name: str = "") -> Iterator[tuple[str, bytes]]:
    if isinstance(value, Asset):
        yield name, _read(Path(value.path)) if value.path is not None else (value.text or "").encode()
    elif value.assets is not None:
        for inner, item in value.assets:
            yield from _files(item, f"{name}/{inner}" if name else inner)
    else:
        root = Path(value.path or "")
        if root.is_file():
            with zipfile.ZipFile(io.BytesIO(zip_of(value))) as inside:
                for entry in inside.namelist():
                    if not entry.endswith("/"):
                        yield f"{name}/{entry}" if name else entry, inside.read(entry)
            return
        if not root.is_dir():
            raise MissingFile(f"the archive {root} is no folder and no file")
        for path in root.rglob("*"):
            if path.is_file():
                inner = path.relative_to(root).as_posix()
                yield f"{name}/{inner}" if name else inner, _read(path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise MissingFile(f"the file {path} of an archive can't be read: {error.strerror}") from None
