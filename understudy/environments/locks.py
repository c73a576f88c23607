"""Locks that a killed engine left behind in a file backend.

The engine writes ``.pulumi/locks/organization/<project>/<stack>/<uuid>.json`` with its process id, user and
host, and removes it when it ends (pulumi/pulumi, pkg/backend/diy/lock.go at v3.259.0). A lock is removed here
only when its holder is provably gone: it is of this host, and no process with that id runs a Pulumi engine.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Lock:
    """One lock file; `pid` is 0 when the file can't be read."""

    path: Path
    pid: int
    host: str
    user: str


def locks(state: Path, project: str, stack: str) -> list[Lock]:
    """Return the locks on a stack of the file backend in `state`."""
    folder = state / ".pulumi" / "locks" / "organization" / project / stack
    return [_read(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []


def clear_stranded(
    state: Path, project: str, stack: str, *, runs_engine: Callable[[int], bool] | None = None
) -> list[Lock]:
    """Remove the locks whose holder is provably gone; return them."""
    is_running = runs_engine or engine_is_running
    here = socket.gethostname()
    stranded = [
        lock
        for lock in locks(state, project, stack)
        if lock.pid and lock.host == here and not is_running(lock.pid)
    ]
    for lock in stranded:
        lock.path.unlink(missing_ok=True)
        lock.path.with_name(f"{lock.path.name}.attrs").unlink(missing_ok=True)
    return stranded


def engine_is_running(pid: int) -> bool:
    """Tell whether process `pid` is there and may be an engine; in doubt, yes."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        program = Path(f"/proc/{pid}/comm").read_text().strip()
    except (OSError, IndexError):
        return True
    return state != "Z" and program.startswith("pulumi")


def _read(path: Path) -> Lock:
    try:
        data = json.loads(path.read_text())
        return Lock(path, int(data["pid"]), str(data["hostname"]), str(data["username"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Lock(path, 0, "", "")
