"""How much memory plugins and language host hold at most while an environment comes up and goes."""

from __future__ import annotations

import time

from benchmarks.figures import Figure
from benchmarks.place import Place, finish
from benchmarks.processes import HOST, MIB, PLUGINS, PROGRAM, Usage, watched

TARGET = 400.0
"""MiB of the plugins and the language host together."""


def measure(place: Place) -> list[Figure]:
    """Sample a creation, an update without changes and a destroy."""
    name = place.name("memory")
    try:
        seen = [_watch(place, action, name) for action in ("up", "up", "down")]
    except BaseException:
        place.remove(name)
        raise
    together = (HOST, *PLUGINS)
    figures = [
        Figure("plugins and language host, resident", _most(seen, "rss", *together), "MiB", TARGET),
        Figure("plugins and language host, shared pages once", _most(seen, "pss", *together), "MiB", TARGET),
        Figure("the same with the program", _most(seen, "pss", PROGRAM, *together), "MiB"),
    ]
    figures += [
        Figure(f"of it: {role}", _most(seen, "pss", role), "MiB")
        for role in (*PLUGINS, HOST, PROGRAM)
        if _most(seen, "pss", role)
    ]
    processor = seen[1].cpu
    listed = ", ".join(f"{role} {seconds:.1f}" for role, seconds in sorted(processor.items()))
    figures.append(Figure("processor time without changes", sum(processor.values()), "s", note=listed))
    return figures


def _watch(place: Place, action: str, name: str) -> Usage:
    begun = time.monotonic()
    process = place.start(*place.command(action, name))
    with watched(process.pid) as usage:
        finish(process, begun)
    return usage


def _most(seen: list[Usage], kind: str, *roles: str) -> float:
    return max(getattr(usage.peak(*roles), kind) for usage in seen) / MIB
