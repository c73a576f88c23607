"""What an update is doing, made from the engine's events. No input or output here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Operations that change something; `same` and `read` do not.
_VERBS = {
    "create": "created",
    "update": "updated",
    "replace": "replaced",
    "create-replacement": "replaced",
    "delete": "deleted",
    "delete-replaced": "deleted",
    "import": "imported",
    "refresh": "refreshed",
}


@dataclass(frozen=True)
class Step:
    """One operation on one resource; times in seconds of the clock that `Progress.feed` was given."""

    urn: str
    type: str
    operation: str
    started: float
    ended: float | None = None

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rsplit("::", 1)[-1]

    @property
    def is_component(self) -> bool:
        """Whether nothing is made by it: the stack and components only wait for their parts."""
        return self.type.startswith(("pulumi:pulumi:", "understudy:"))

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it runs."""
        return 0.0 if self.ended is None else self.ended - self.started


@dataclass(frozen=True)
class Problem:
    """An error that the engine, a plugin or the program reported; `details` has all its lines, if several."""

    message: str
    resource: str = ""
    details: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.resource}: {self.message}" if self.resource else self.message


@dataclass
class Progress:
    """The running picture of one update, fed with events in order."""

    steps: dict[str, Step] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def feed(self, event: Any, now: float) -> None:
        """Take one event of the engine (`pulumi.automation.EngineEvent`) that arrived at `now`."""
        if event.resource_pre_event:
            meta = event.resource_pre_event.metadata
            self.steps[meta.urn] = Step(meta.urn, meta.type, _value(meta.op), now)
        elif event.res_outputs_event:
            self._end(event.res_outputs_event.metadata, now)
        elif event.res_op_failed_event:
            self._end(event.res_op_failed_event.metadata, now)
        elif event.diagnostic_event:
            self._diagnose(event.diagnostic_event)
        elif event.summary_event:
            self.changes = {
                _value(op): count for op, count in (event.summary_event.resource_changes or {}).items()
            }

    @property
    def running(self) -> list[Step]:
        """What is under way and changes something, oldest first."""
        return [each for each in self.steps.values() if each.ended is None and each.operation in _VERBS]

    @property
    def done(self) -> int:
        """How many changes are done."""
        return sum(each.ended is not None and each.operation in _VERBS for each in self.steps.values())

    @property
    def slowest(self) -> list[Step]:
        """Finished changes, the slowest first."""
        finished = [
            each for each in self.steps.values() if each.ended is not None and each.operation in _VERBS
        ]
        return sorted(finished, key=lambda each: each.seconds, reverse=True)

    def status(self) -> str:
        """One short line for people."""
        running = self.running
        if not running:
            return f"{self.done} done" if self.done else "looking for changes"
        oldest = next((each for each in running if not each.is_component), running[0])
        kind = oldest.type.rsplit(":", 1)[-1]
        line = f"{self.done} done, {len(running)} running: {oldest.name} ({kind})"
        return f"{line} {self.note}" if self.note else line

    def _end(self, meta: Any, now: float) -> None:
        begun = self.steps.get(meta.urn)
        started = begun.started if begun else now
        self.steps[meta.urn] = Step(meta.urn, meta.type, _value(meta.op), started, now)

    def _diagnose(self, event: Any) -> None:
        resource = (
            "" if not event.urn or "pulumi:pulumi:Stack" in event.urn else event.urn.rsplit("::", 1)[-1]
        )
        said = strip_markup(event.message).strip()
        text = " ".join(said.split())
        if event.severity == "error":
            problem = Problem(_in_one_line(said), resource, said if "\n" in said else "")
            if text and problem not in self.problems:
                self.problems.append(problem)
        elif event.ephemeral and resource:
            self.note = f"· {resource}: {text}"


def _in_one_line(text: str) -> str:
    """Return an error without the engine's heading of a list of one, and of a traceback its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Program failed with an unhandled exception"):
        return f"the program failed: {lines[-1]}"
    if len(lines) > 1 and lines[0] == "1 error occurred:":
        lines = [lines[1].removeprefix("* "), *lines[2:]]
    return " ".join(" ".join(lines).split())


def changed(changes: dict[str, int]) -> str:
    """Say in words what changed: ``80 created, 1 updated``; ``no changes`` when nothing did."""
    counts: dict[str, int] = {}
    for operation, count in changes.items():
        # A replacement is counted once, not as its three steps.
        if operation in _VERBS and operation not in ("create-replacement", "delete-replaced"):
            counts[_VERBS[operation]] = counts.get(_VERBS[operation], 0) + count
    return ", ".join(f"{count} {verb}" for verb, count in counts.items() if count) or "no changes"


def strip_markup(text: str) -> str:
    """Remove the engine's colour marks (``<{%fg 1%}>``)."""
    out, rest = "", text
    while (start := rest.find("<{%")) >= 0:
        end = rest.find("%}>", start)
        if end < 0:
            break
        out, rest = out + rest[:start], rest[end + 3 :]
    return out + rest


def _value(operation: Any) -> str:
    return str(getattr(operation, "value", operation))
