"""What a killed update leaves besides its lock: creations of whose end the engine never heard.

The engine keeps such a creation in its state as pending, and warns of it at every update from then on. The
local plugins' notes (`localcloud.journal`) know better: what was made and is not in the state is removed when
the same resource is created again. So a pending creation may be forgotten before an update; before a destroy,
which creates nothing, what was lost must be taken back into the state first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from localcloud.journal import Note, notes_in


def pending_creates(state: Path, project: str, stack: str) -> list[str]:
    """Return the URNs that the file backend in `state` has as being created."""
    file = state / ".pulumi" / "stacks" / project / f"{stack}.json"
    try:
        latest = json.loads(file.read_text())["checkpoint"]["latest"] or {}
        pending = latest.get("pending_operations") or []
        return [each["resource"]["urn"] for each in pending if each["type"] == "creating"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # nothing to mend, or nothing that could be mended here: the engine will tell


def lost_creates(journal: Path, stack: str, resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the URNs of `stack` that were made, or perhaps made, without `resources` (the state) knowing.

    `journal` holds a folder of notes for each plugin.
    """
    known = {(each["urn"], each.get("id")) for each in resources}
    prefix = f"urn:pulumi:{stack}::"
    return sorted(
        note.urn
        for note in _notes(journal)
        if note.urn.startswith(prefix) and (note.urn, note.identity) not in known
    )


def _notes(journal: Path) -> list[Note]:
    folders = sorted(journal.iterdir()) if journal.is_dir() else []
    return [note for folder in folders for note in notes_in(folder)]
