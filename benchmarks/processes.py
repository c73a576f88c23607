"""What a command and everything that it starts use: memory and processor time, sampled from /proc."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL = 0.05
"""Seconds between two samples."""

MIB = 1024 * 1024

_TICK = os.sysconf("SC_CLK_TCK")

# What a process is, by what its command line holds; the first that fits.
_ROLES = (
    ("program", "engine/host/child.py"),
    ("language host", "localcloud.engine.language_host"),
    ("aws plugin", "localcloud.plugin aws"),
    ("kubernetes plugin", "localcloud.plugin kubernetes"),
    ("random plugin", "localcloud.plugin random"),
    ("other plugin", "pulumi-resource-"),
    ("language host", "pulumi-language-"),
    ("command line", "understudy"),
    ("engine", "pulumi"),
)

PLUGINS = ("aws plugin", "kubernetes plugin", "random plugin", "other plugin")
HOST = "language host"
PROGRAM = "program"


@dataclass(frozen=True)
class Peak:
    """The largest sum of memory at one moment, in bytes. PSS counts what processes share once."""

    rss: int = 0
    pss: int = 0


@dataclass
class Usage:
    """What was seen of a tree of processes."""

    samples: list[dict[str, Peak]] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    """Seconds of processor time of each role."""

    def peak(self, *roles: str) -> Peak:
        """Return the most that these roles held at the same moment."""
        sums = [
            Peak(
                sum(sample[role].rss for role in roles if role in sample),
                sum(sample[role].pss for role in roles if role in sample),
            )
            for sample in self.samples
        ]
        return Peak(max((each.rss for each in sums), default=0), max((each.pss for each in sums), default=0))


@contextmanager
def watched(root: int, interval: float = INTERVAL, *, memory: bool = True) -> Iterator[Usage]:
    """Sample the descendants of process `root` until the block ends."""
    usage = Usage()
    seen: dict[int, tuple[str, float]] = {}
    done = threading.Event()

    def sample() -> None:
        while True:
            _sample(root, usage, seen, memory=memory)
            if done.wait(interval):
                return

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        done.set()
        thread.join()
        for role, seconds in seen.values():
            usage.cpu[role] = usage.cpu.get(role, 0.0) + seconds


def role_of(command: str) -> str:
    """Say what a process is by its command line.

    >>> role_of("/usr/bin/python -P -m localcloud.plugin aws 127.0.0.1:4000")
    'aws plugin'
    """
    return next((role for role, mark in _ROLES if mark in command), "other")


def load_average() -> float:
    """Return the machine's load over the last minute."""
    return os.getloadavg()[0]


def _sample(root: int, usage: Usage, seen: dict[int, tuple[str, float]], *, memory: bool) -> None:
    sums: dict[str, Peak] = {}
    for pid in _descendants(root, _parents()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            role = role_of(command)
            role = seen[pid][0] if role == "other" and pid in seen else role
            seen[pid] = role, (int(times[11]) + int(times[12])) / _TICK
            if memory and (role in PLUGINS or role in (HOST, PROGRAM)):
                held = _memory(pid)
                before = sums.get(role, Peak())
                sums[role] = Peak(before.rss + held.rss, before.pss + held.pss)
        except (OSError, IndexError, ValueError):
            continue  # it has just ended
    usage.samples.append(sums)


def _memory(pid: int) -> Peak:
    values = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0]) * 1024
    return Peak(values.get("Rss", 0), values.get("Pss", 0))


def _parents() -> Mapping[int, int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
    return parents


def _descendants(root: int, parents: Mapping[int, int]) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in parents.items():
        children.setdefault(parent, []).append(pid)
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(children.get(pid, []))
