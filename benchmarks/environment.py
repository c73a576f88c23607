"""How long a new environment, an update without changes and a destroy take on a running local cloud."""

from __future__ import annotations

import re
from collections.abc import Callable

from benchmarks.figures import Figure, middle, spread
from benchmarks.place import Failed, Place, Ran, answer

NEW, UNCHANGED, DESTROY = 45.0, 8.0, 20.0

_UP = ("up", "--yes", "--skip-preview")
_REPEATS = 3
_CHANGED = re.compile(r"\d+ (created|updated|replaced|deleted)")


def measure(place: Place) -> list[Figure]:
    """Measure with the command line and with a plain engine."""
    return [*_by_command(place), *_by_engine(place)]


def _by_command(place: Place) -> list[Figure]:
    name = place.name("command")
    try:
        new = place.understudy("up", name, "--json")
        count = sum(answer(new)["changes"].values())
        unchanged = _unchanged(
            lambda: place.understudy("up", name, "--json"),
            lambda ran: set(answer(ran)["changes"]) <= {"same"},
        )
        gone = place.understudy("down", name)
    except BaseException:
        place.remove(name)
        raise
    return [
        Figure(
            "new environment, `understudy up`",
            new.seconds,
            "s",
            NEW,
            f"{count} resources, with a smoke order",
        ),
        Figure("no changes, `understudy up`", middle(unchanged), "s", UNCHANGED, spread(unchanged)),
        Figure("destroy, `understudy down`", gone.seconds, "s", DESTROY),
    ]


def _by_engine(place: Place) -> list[Figure]:
    name = place.name("engine")
    stack = ("--stack", name)
    try:
        place.pulumi("stack", "init", name)
        new = place.pulumi(*_UP, *stack)
        unchanged = _unchanged(
            lambda: place.pulumi(*_UP, *stack), lambda ran: not _CHANGED.search(ran.stdout)
        )
        preview = place.pulumi("preview", *stack)
        gone = place.pulumi("destroy", "--yes", "--skip-preview", *stack)
        place.pulumi("stack", "rm", "--yes", name)
    except BaseException:
        place.remove(name)
        raise
    return [
        Figure("new environment, `pulumi up`", new.seconds, "s", NEW),
        Figure("no changes, `pulumi up`", middle(unchanged), "s", UNCHANGED, spread(unchanged)),
        Figure("no changes, `pulumi preview`", preview.seconds, "s"),
        Figure("destroy, `pulumi destroy`", gone.seconds, "s", DESTROY),
    ]


def _unchanged(run: Callable[[], Ran], is_unchanged: Callable[[Ran], bool]) -> list[float]:
    """Return the seconds of some runs that changed nothing.

    A commit made meanwhile changes the tags of every resource; such a run is not one of them.
    """
    seconds: list[float] = []
    for _ in range(2 * _REPEATS):
        ran = run()
        if is_unchanged(ran):
            seconds.append(ran.seconds)
        if len(seconds) == _REPEATS:
            break
    if not seconds:
        raise Failed("no update was without changes: leave the working copy alone during the benchmark")
    return seconds
