"""An update of the engine that is watched from outside and killed at a chosen moment."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from environment_cloud import Cloud, Ran, ended

_CHANGES = ("create", "update", "delete", "replace", "create-replacement", "delete-replaced")


class Update:
    """A plain ``pulumi up`` under way; `log` receives the engine's events."""

    def __init__(self, cloud: Cloud, stack: str, log: Path) -> None:
        log.unlink(missing_ok=True)
        self._log = log
        self.process = cloud.start_pulumi(
            "up", "--yes", "--skip-preview", "--parallel", "32", "--event-log", str(log), "--stack", stack
        )

    def changes(self) -> int:
        """How many changes were begun so far."""
        try:
            lines = self._log.read_text().splitlines()
        except FileNotFoundError:
            return 0
        return sum(_begins_change(line) for line in lines)

    def kill_at(self, changes: int, *, everything: bool) -> int:
        """Kill it with SIGKILL once `changes` changes were begun; returns how many there were then.

        `everything` kills plugins and program as well, as a machine that loses power would. Asserts that
        the update was still running.
        """
        deadline = time.monotonic() + 200
        while self.changes() < changes and self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        self.process.send_signal(signal.SIGSTOP)  # so that it starts nothing while we look
        family = [self.process.pid, *(descendants(self.process.pid) if everything else [])]
        begun = self.changes()
        for pid in family:
            _kill(pid)
        ran: Ran = ended(self.process, 60)
        assert ran.code == -signal.SIGKILL, f"it ended before change {changes}: {ran.out}{ran.err}"
        return begun


def descendants(pid: int) -> list[int]:
    """The processes below `pid`, children of children included."""
    answer = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in answer.stdout.splitlines()]
    found, wave = [], {pid}
    while wave:
        wave = {child for child, parent in pairs if parent in wave}
        found.extend(wave)
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _begins_change(line: str) -> bool:
    try:
        event = json.loads(line)
    except ValueError:  # the last line is being written
        return False
    return event.get("resourcePreEvent", {}).get("metadata", {}).get("op") in _CHANGES
