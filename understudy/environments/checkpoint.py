"""What an engine leaves behind that was killed while it wrote its state.

The file backend keeps the state before the last change beside it (``<stack>.json.bak``). What the last change
did is then known to the plugins' journals only, which the next update goes by.
"""

from __future__ import annotations

import json
from pathlib import Path

from localcloud.files import write_atomic


def restore_torn(state: Path, project: str, stack: str) -> bool:
    """Put the state before the last change in the place of one that is cut short; tell whether that was done.

    To be called only when no update is running.
    """
    current = state / ".pulumi" / "stacks" / project / f"{stack}.json"
    backup = current.with_name(f"{current.name}.bak")
    if not current.exists() or _whole(current) or not _whole(backup):
        return False
    write_atomic(current, backup.read_text(), 0o600)
    return True


def remove_partial(state: Path, project: str, stack: str) -> None:
    """Remove what an engine that was killed had begun to write for a stack.

    The file backend writes ``<name>.<digits>.tmp`` beside each file and renames it when it is whole; what it
    notes of a file in ``<name>.attrs`` it writes in place, and can't read the file when it is cut short, but
    does without it (gocloud.dev/blob/fileblob). To be called only when no update is running.
    """
    backend = state / ".pulumi"
    for folder, name in (
        (backend / "stacks" / project, f"{stack}.json"),
        (backend / "locks" / "organization" / project / stack, ""),
        (backend / "history" / project / stack, ""),
        (backend / "backups" / project / stack, ""),
    ):
        partial = folder.glob(f"{name}*.tmp")
        torn = [path for path in folder.glob(f"{name}*.attrs") if not _whole(path)]
        for path in (*partial, *torn):
            path.unlink(missing_ok=True)


def _whole(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text()), dict)
    except (OSError, ValueError):
        return False
