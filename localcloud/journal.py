"""A note of every create that the engine may not have heard the end of.

An engine that is killed between a create and its checkpoint forgets the thing that was made. The plugin
therefore notes each create before it begins and its id when it is done, and strikes the note out when the
engine shows that it knows the id, or when it ends in good order. A note that is still there when the same
URN is created again names an orphan, which is removed first.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Note:
    """One begun create; `identity` is None while it is not known how it ended."""

    urn: str
    identity: str | None


class Journal:
    """The notes of one plugin, a small file each in `folder`. It never holds properties, so no secrets."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: set[str] = set()

    def open_note(self, urn: str) -> Note | None:
        """Return the note that an earlier create of `urn` left, if any."""
        try:
            data = json.loads(self._file(urn).read_text())
            return Note(data["urn"], data["id"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError):
            return Note(urn, None)

    def begin(self, urn: str) -> None:
        """Note that a create of `urn` begins."""
        self._write(urn, None)

    def finish(self, urn: str, identity: str) -> None:
        """Note the id that the create of `urn` ended with."""
        self._write(urn, identity)
        self._mine.add(urn)

    def known(self, urn: str, identity: str) -> None:
        """Strike the note of `urn` out if the engine, by using `identity`, shows that it knows it."""
        note = self.open_note(urn)
        if note is not None and note.identity == identity:
            self.strike(urn)

    def strike(self, urn: str) -> None:
        """Remove the note of `urn`."""
        self._file(urn).unlink(missing_ok=True)
        self._mine.discard(urn)

    def close(self) -> None:
        """Strike out what this process finished: the engine ended in good order and knows it all."""
        for urn in list(self._mine):
            self.strike(urn)

    def _file(self, urn: str) -> Path:
        return self._folder / f"{hashlib.sha256(urn.encode()).hexdigest()[:32]}.json"

    def _write(self, urn: str, identity: str | None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        target = self._file(urn)
        partial = target.with_suffix(".part")
        partial.write_text(json.dumps({"urn": urn, "id": identity}))
        partial.replace(target)


def notes_in(folder: Path) -> list[Note]:
    """Return every note in the folder of one plugin; a damaged one names nothing and is left out."""
    found: list[Note] = []
    for path in sorted(folder.glob("*.json")):
        try:
            data = json.loads(path.read_text())
            found.append(Note(data["urn"], data["id"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found
