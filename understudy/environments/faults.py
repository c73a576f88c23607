"""What went wrong with an update, in one line. No input or output here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from understudy.environments.events import Problem, strip_markup
from understudy.errors import UnderstudyError

# What the engine says at the end of every failed update, and of every program that failed: no news.
_CLOSING = re.compile(
    r"(?:update|preview|refresh|destroy|deletion) failed|an unhandled error occurred: program exited .*"
    r"|resource (?:creation|update|deletion) (?:failed|canceled).*",
)


class EngineError(UnderstudyError):
    """An update failed; `problems` holds every error that was reported, the text the most telling one."""

    def __init__(self, message: str, problems: list[Problem] | None = None) -> None:
        super().__init__(message, details="\n".join(each.details or str(each) for each in problems or []))
        self.problems = problems or []


class PassphraseError(EngineError):
    """The passphrase does not open the stack's secrets (exit code 2)."""

    exit_code = 2

    def __init__(self, stack: str, file: str = "") -> None:
        which = f" in {file}" if file else ""
        super().__init__(
            f"{stack}: the passphrase{which} does not open this stack's secrets; "
            "put the one back that it was made with"
        )


def is_passphrase_mismatch(output: str) -> bool:
    """Tell whether the engine's output says that the passphrase is not the stack's."""
    return "incorrect passphrase" in output


def explain(output: str) -> str:
    """Return the one line of the engine's output that says what went wrong."""
    lines = [strip_markup(line).strip() for line in output.splitlines()]
    for line in reversed(lines):
        if line.startswith("error: "):
            return line.removeprefix("error: ")
    return next(
        (line for line in lines if line.startswith("stderr:") and line != "stderr:"),
        lines[0] if lines else "",
    )


def first(problems: Sequence[Problem]) -> str:
    """Return the first problem that tells something, and how many more there are."""
    telling = [each for each in problems if not _CLOSING.fullmatch(each.message)] or problems
    more = f" (and {len(telling) - 1} more)" if len(telling) > 1 else ""
    return f"{telling[0]}{more}"
