"""Says what is being done, step by step, on standard error, and keeps how long each step took."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from understudy.masking import mask

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

Say = Callable[[str], None]

# How often a log that nobody watches is told of a detail that changes all the time.
_PULSE_SECONDS = 5.0
# How often it is told of one subject, such as a build that names every file.
_LOG_SECONDS = 15.0


@dataclass(frozen=True)
class Step:
    """A finished step; `seconds` is what it took. A failed one has `ok` False."""

    name: str
    seconds: float
    ok: bool


class Progress:
    """Shows steps: a live line on a terminal, plain lines elsewhere.

    Example::

        progress = Progress()
        with progress.step("local cloud") as say:
            say("starting the API server")
        progress.steps  # [Step(name="local cloud", seconds=12.1, ok=True)]

    Steps may be nested: an inner one is shown as a detail of the outer one. Detail lines may come from
    any thread.
    """

    def __init__(
        self, stream: TextIO | None = None, *, live: bool | None = None, quiet: bool = False
    ) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty() if live is None else live
        self._quiet = quiet
        self._lock = threading.Lock()
        self._console: Console | None = None
        self._depth = 0
        self.steps: list[Step] = []

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Say]:
        """Show step `name` while its block runs; the context is a function for lines of detail."""
        begun = time.monotonic()
        self._depth += 1
        ok = False
        try:
            with self._shown(name) as say:
                yield say
            ok = True
        finally:
            self._depth -= 1
            step = Step(name, time.monotonic() - begun, ok)
            self.steps.append(step)
            end = f"{name} ({step.seconds:.1f} s)"
            if ok:
                self._line(f"{'  ' * self._depth}✓ {end}", style="green")
            elif self._live:  # the live line, which said where we are, is gone
                self._line(f"{'  ' * self._depth}✗ {end}", style="red")

    def pulse(self, say: Say) -> Say:
        """Return `say` for what changes all the time: each change on a terminal, else now and then."""
        if self._live:
            return say
        last = [time.monotonic()]

        def rarely(text: str) -> None:
            if time.monotonic() - last[0] >= _PULSE_SECONDS:
                last[0] = time.monotonic()
                say(text)

        return rarely

    def note(self, text: str) -> None:
        """Show one line that stays."""
        self._line(text)

    def seconds(self) -> dict[str, float]:
        """How long each finished step took, by name; a name that came twice is added up."""
        total: dict[str, float] = {}
        for step in self.steps:
            total[step.name] = total.get(step.name, 0.0) + step.seconds
        return total

    @contextlib.contextmanager
    def _shown(self, name: str) -> Iterator[Say]:
        if self._quiet:
            yield lambda _: None
        elif self._live and self._depth == 1:
            from rich.text import Text  # noqa: PLC0415 - rich costs 0.1 s, only a terminal needs it

            status: Status
            with self._terminal().status(Text(name)) as status:
                yield lambda text: status.update(Text(f"{name}: {mask(text)}"))
        else:
            said: dict[str, tuple[str, float]] = {}

            def say(text: str) -> None:
                # "orders: …" is the subject's own running line; a log wants it now and then.
                subject, colon, _rest = text.partition(":")
                before, when = said.get(subject, ("", -math.inf))
                now = time.monotonic()
                if text != before and not (colon and now - when < _LOG_SECONDS):
                    said[subject] = (text, now)
                    self._line(f"{'  ' * self._depth}{text}")

            self._line(f"{'  ' * (self._depth - 1)}• {name}")
            yield say

    def _line(self, text: str, style: str = "") -> None:
        if self._quiet:
            return
        with self._lock, contextlib.suppress(BrokenPipeError):
            if self._live:  # through the console, which keeps the live line below
                self._terminal().print(mask(text), style=style or None, markup=False)
            else:
                print(mask(text), file=self._stream, flush=True)

    def _terminal(self) -> Console:
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415

            self._console = Console(file=self._stream, highlight=False)
        return self._console
