"""Starts the processes that run programs, policy packs and plugins, and ends them without a trace.

Each child is the leader of its own process group and holds the reading end of a pipe whose writing end only
this process has. The first line on the pipe is what to run (so that configuration, which may be secret, is
in no environment and no process list); the end of the pipe means "stop". The kernel closes it when this
process dies, in whatever way, so no program outlives its host.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

__all__ = ["Child", "Children"]

_RUNNER = Path(__file__).with_name("child.py")
# A program gets this long to end by itself; child.py ends it one second earlier.
_GRACE_SECONDS = 5.0


class Child:
    """One running child process."""

    def __init__(self, process: subprocess.Popen[bytes], control: int) -> None:
        self._process = process
        self._control: int | None = control
        self._lock = threading.Lock()
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether it was stopped before it had ended by itself."""
        return self._cancelled

    @property
    def stdout(self) -> IO[bytes] | None:
        """Its standard output, where that was asked for."""
        return self._process.stdout

    @property
    def stderr(self) -> IO[bytes] | None:
        """Its standard error, where that was asked for."""
        return self._process.stderr

    def wait(self) -> int:
        """Wait for its end; return the exit code, negative for the number of a signal."""
        code = self._process.wait()
        self._close_control()
        return code

    def cancel_soon(self) -> None:
        """Cancel in the background, for a caller that must not wait."""
        if self._process.returncode is None:
            threading.Thread(target=self.cancel, daemon=True).start()

    def cancel(self) -> None:
        """Ask it to stop, wait a few seconds, then kill it and whatever it started."""
        if self._process.poll() is None:
            self._cancelled = True
        self._close_control()
        try:
            self._process.wait(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _close_control(self) -> None:
        with self._lock:
            if self._control is not None:
                os.close(self._control)
                self._control = None


class Children:
    """The child processes of one language host."""

    def __init__(self) -> None:
        self._running: set[Child] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(
        self,
        request: Mapping[str, Any],
        *,
        python: Path,
        flags: tuple[str, ...] = (),
        env: Mapping[str, str],
        cwd: str,
        piped: bool,
    ) -> Child:
        """Start a child.

        Args:
            request: what to run; see child.py.
            python: the Python to run it with.
            flags: the interpreter's own flags.
            env: its environment.
            cwd: its working folder.
            piped: whether its output is read here; else it is this process's own.

        Raises:
            OSError: it cannot be started, or the host is ending.
        """
        output = subprocess.PIPE if piped else None
        reading, writing = os.pipe()
        try:
            process = subprocess.Popen(
                [str(python), *flags, str(_RUNNER), str(reading), str(request["mode"])],
                env=dict(env),
                cwd=cwd or None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[reading],
                process_group=0,
            )
        except BaseException:
            os.close(writing)
            raise
        finally:
            os.close(reading)
        child = Child(process, writing)
        with contextlib.suppress(BrokenPipeError):
            _write_all(writing, json.dumps(request).encode() + b"\n")
        with self._lock:
            self._running.add(child)
            closed = self._closed
        if closed:
            child.cancel()
        return child

    @contextlib.contextmanager
    def until_done(self, child: Child) -> Iterator[Child]:
        """Forget the child at the end of the block; stop it there if it still runs."""
        try:
            yield child
        finally:
            child.cancel()
            with self._lock:
                self._running.discard(child)

    def cancel_all(self) -> None:
        """Stop every child, all at the same time, and any that is started later."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        threads = [threading.Thread(target=child.cancel) for child in running]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
