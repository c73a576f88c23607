"""The control group that holds all pods of one instance, in control groups v1 and v2 alike."""

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path

__all__ = ["create", "groups", "hierarchies", "members", "remove"]

_REMOVE_SECONDS = 5.0
_CONTROLLERS = frozenset({"cpu", "cpuset", "hugetlb", "memory", "pids"})


def hierarchies(mounts: str) -> list[Path]:
    """Return the folder of each control group hierarchy in a mount table.

    Version 1 has one per controller (several names may lead to one), version 2 has one, and a machine that
    moves from one to the other has both.

    Args:
        mounts: content of ``/proc/self/mounts``.

    Example:
        >>> hierarchies("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0")
        [PosixPath('/sys/fs/cgroup')]
    """
    entries = (line.split() for line in mounts.splitlines())
    return [Path(entry[1]) for entry in entries if len(entry) > 2 and entry[2] in ("cgroup", "cgroup2")]


def create(name: str, roots: Iterable[Path] | None = None) -> None:
    """Make the control group; the kubelet wants it to be there, with every controller that it uses.

    Args:
        name: name of the group.
        roots: folders of the hierarchies; the machine's when left out.
    """
    for root in _roots() if roots is None else roots:
        _pass_down_controllers(root)
        folder = root / name
        folder.mkdir(exist_ok=True)
        # In version 1 a new group of these has no processors and no memory until somebody gives it some.
        for setting in ("cpuset.cpus", "cpuset.mems"):
            if (root / setting).exists() and (folder / setting).exists() and not _read(folder / setting):
                (folder / setting).write_text(_read(root / setting))


def groups(name: str) -> list[Path]:
    """Return the control group and all below it, innermost first, in every hierarchy."""
    found: list[Path] = []
    for root in _roots():
        for folder, _, _ in os.walk(root / name, topdown=False):
            found.append(Path(folder))
    return found


def members(name: str) -> set[int]:
    """Return the ids of all processes in the control group and below."""
    pids: set[int] = set()
    for folder in groups(name):
        with contextlib.suppress(OSError):
            pids.update(int(line) for line in (folder / "cgroup.procs").read_text().split())
    return pids


def remove(name: str) -> None:
    """Remove the control group and all below it; its processes must have ended."""
    deadline = time.monotonic() + _REMOVE_SECONDS
    while remaining := groups(name):
        for folder in remaining:
            # The kernel lets go of a group only a moment after its last process has ended.
            with contextlib.suppress(OSError):
                folder.rmdir()
        if time.monotonic() > deadline:
            return
        if groups(name):
            time.sleep(0.02)


def _pass_down_controllers(root: Path) -> None:
    """In version 2, let groups below the root have the controllers; systemd does so for most of them."""
    passed = root / "cgroup.subtree_control"
    if not passed.exists():
        return
    missing = _CONTROLLERS & set(_read(root / "cgroup.controllers").split()) - set(_read(passed).split())
    for controller in sorted(missing):
        # One at a time, as a refused one would take the others with it; the kubelet names what it lacks.
        with contextlib.suppress(OSError):
            passed.write_text(f"+{controller}")


def _read(path: Path) -> str:
    return path.read_text().strip()


def _roots() -> list[Path]:
    return hierarchies(Path("/proc/self/mounts").read_text())
