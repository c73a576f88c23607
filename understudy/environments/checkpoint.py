"""A state file that an engine was killed while writing.

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


def _whole(path: Path) -> bool:
    try:
        return isinstance(json.loads(path.read_text()), dict)
    except (OSError, ValueError):
        return False
