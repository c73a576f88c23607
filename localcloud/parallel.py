"""Several blocking jobs at once, with Ctrl-C and the first error handled as a user expects."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_GRACE = 10.0  # seconds that jobs get to end after an interrupt


def run_together(jobs: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Run `jobs` in threads and return their results by name.

    When one fails the others are finished first: a build that is nearly done is not thrown away. Then
    the first error, in the order of `jobs`, is raised. On Ctrl-C the programs that the jobs run are
    interrupted too, and KeyboardInterrupt is raised within ten seconds.
    """
    results: dict[str, Any] = {}
    errors: dict[str, BaseException] = {}

    def run(name: str, job: Callable[[], Any]) -> None:
        try:
            results[name] = job()
        except BaseException as error:  # it is raised again in the caller's thread
            errors[name] = error

    threads = [
        threading.Thread(target=run, args=(name, job), name=name, daemon=True) for name, job in jobs.items()
    ]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive():
                thread.join(0.1)
    except KeyboardInterrupt:
        interrupt_children()
        for thread in threads:
            thread.join(_GRACE / len(threads))
        raise
    for name in jobs:
        if name in errors:
            raise errors[name]
    return results


def interrupt_children() -> list[int]:
    """Send SIGINT to the programs that this process runs, but not to its daemons. Linux only.

    A terminal's Ctrl-C reaches them by itself; one that was sent to this process alone does not.
    """
    interrupted = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            pid = int(folder.name)
            daemon = int(fields[3]) == pid  # it leads a session of its own
            if int(fields[1]) == os.getpid() and not daemon:
                os.kill(pid, signal.SIGINT)
                interrupted.append(pid)
    return interrupted
