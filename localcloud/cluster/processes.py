"""Finds and ends the processes of a node, its pods' included, whatever became of their pid files."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from localcloud.cluster import cgroups
from localcloud.supervise import marked_processes

__all__ = ["NODE_VARIABLE", "command_line", "end", "naming", "of_node"]

NODE_VARIABLE = "UNDERSTUDY_NODE"
"""Environment variable that marks what was started in a node; children inherit it, containers do not."""

_ROUNDS = 5
_KILL_SECONDS = 5.0


def of_node(instance: str, control_group: str) -> set[int]:
    """Return the ids of all processes of a node: those that carry its mark, and those in its pods.

    Args:
        instance: the instance's name.
        control_group: name of the control group of its pods.
    """
    mark = f"{NODE_VARIABLE}={instance}".encode()
    marked = {int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _carries(folder, mark)}
    return marked | cgroups.members(control_group)


def naming(instance: str, folder: Path) -> set[int]:
    """Return the ids of this instance's servers whose command line names a path in ``folder``."""
    prefix = f"{folder}{os.sep}"
    return {pid for pid, command in marked_processes(instance) if prefix in command}


def end(find: Callable[[], set[int]], *, grace: float) -> None:
    """Ask processes to end, and kill those that still run after ``grace`` seconds (0: at once).

    Args:
        find: says which processes are meant. It is asked again until there are none, as what is being
            ended may still start something.
        grace: seconds between asking and killing.
    """
    for _ in range(_ROUNDS):
        handles = _open_all(find)
        if not handles:
            return
        try:
            left = handles
            if grace > 0:
                _signal(handles, signal.SIGTERM)
                left = _wait(handles, grace)
            _signal(left, signal.SIGKILL)
            _wait(left, _KILL_SECONDS)
        finally:
            for handle in handles:
                os.close(handle)


def command_line(pid: int) -> str:
    """Return the command line of a process, or nothing when there is no such process."""
    try:
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
        )
    except OSError:
        return ""


def _carries(folder: Path, mark: bytes) -> bool:
    try:
        return mark in (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _open_all(find: Callable[[], set[int]]) -> list[int]:
    """Return a handle on each process that ``find`` names both before and after the handle was opened.

    A handle stands for the process itself, so a pid that the system gave to somebody else is never hit.
    """
    opened: dict[int, int] = {}
    for pid in find():
        with contextlib.suppress(OSError):
            opened[pid] = os.pidfd_open(pid)
    confirmed = find() if opened else set[int]()
    for pid in opened.keys() - confirmed:
        os.close(opened.pop(pid))
    return list(opened.values())


def _signal(handles: Iterable[int], number: signal.Signals) -> None:
    for handle in handles:
        with contextlib.suppress(OSError):
            signal.pidfd_send_signal(handle, number)


def _wait(handles: Iterable[int], seconds: float) -> list[int]:
    """Return the handles whose processes still run after the time."""
    left = list(handles)
    deadline = time.monotonic() + seconds
    while left and (rest := deadline - time.monotonic()) > 0:
        poll = select.poll()
        for handle in left:
            poll.register(handle, select.POLLIN)
        ended = {handle for handle, _ in poll.poll(rest * 1000)}
        left = [handle for handle in left if handle not in ended]
    return left
