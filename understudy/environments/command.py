"""Runs the engine so that Ctrl-C ends it in good order: state saved, lock released, nothing half known.

The Automation API's own runner leaves on Ctrl-C at once, while the engine is still ending what it began;
its output then goes nowhere and it dies before it has released its lock.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO

from pulumi import automation as auto
from pulumi.automation import CommandResult
from pulumi.automation.errors import create_command_error

OnOutput = Callable[[str], object]

_CANCELLING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EngineCommand(auto.PulumiCommand):
    """The engine in a process group of its own.

    A terminal's Ctrl-C reaches this process only, which passes it on: the first asks the engine to cancel, a
    second one to stop at once. When the engine has ended, KeyboardInterrupt is raised.
    """

    def __init__(self, on_cancel: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._on_cancel = on_cancel

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run the engine with `args`; raise CommandError when it fails, KeyboardInterrupt when cancelled."""
        process = subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
            encoding="utf-8",
            errors="replace",
            process_group=0,
        )
        with process, self._passing_on(process) as cancelled:
            out, err = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
            code = process.wait()
            result = CommandResult(stdout=out.text(), stderr=err.text(), code=code)
        if cancelled.is_set():
            raise KeyboardInterrupt
        if code != 0:
            raise create_command_error(result)
        return result

    @contextmanager
    def _passing_on(self, process: subprocess.Popen[str]) -> Iterator[threading.Event]:
        """Pass signals that mean "stop" on to the engine, instead of ending before it."""
        cancelled = threading.Event()

        def pass_on(_number: int, _frame: FrameType | None) -> None:
            if not cancelled.is_set():
                cancelled.set()
                self._on_cancel()
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)

        if threading.current_thread() is not threading.main_thread():
            yield cancelled  # only the main thread may set handlers
            return
        before = {number: signal.signal(number, pass_on) for number in _CANCELLING}
        try:
            yield cancelled
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Reader:
    """Reads a stream to its end in a thread."""

    def __init__(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, on_line), daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return everything that was read; waits for the end."""
        self._thread.join()
        return "\n".join(self._lines)

    def _read(self, stream: IO[str] | None, on_line: OnOutput | None) -> None:
        for line in stream or ():
            self._lines.append(line.rstrip())
            if on_line is not None:
                on_line(self._lines[-1])
