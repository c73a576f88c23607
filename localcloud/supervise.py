"""Long-running servers: started as daemons, known by pid file, stopped for good.

A pid file holds the pid and the start time of its process, so that a pid that the system has given to
somebody else is never taken for ours. It is written by the new process itself before it becomes the
server: a caller that is killed in between still leaves something that the next run finds.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import LocalCloudError

INSTANCE_VARIABLE = "UNDERSTUDY_INSTANCE"
LOG_LIMIT = 10 * 1024 * 1024
_POLL = 0.02

# Run by /bin/sh: note who we are, then become the server. $0 is the pid file, $1 "proc" or "ps".
_LAUNCHER = """
umask 077
if [ "$1" = proc ]; then read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ started _ < /proc/$$/stat
else started=$(ps -o lstart= -p $$); fi
printf '%s\\n%s\\n' $$ "$started" > "$0.new" && mv "$0.new" "$0" || exit 1
shift
umask 022
exec "$@"
"""


@dataclass(frozen=True)
class Process:
    """A server of ours that is running. `log_offset` is the log's size (bytes) when it was started."""

    name: str
    pid: int
    started: str
    log: Path
    log_offset: int = 0


class Supervisor:
    """Starts, finds and stops the servers of one data folder.

    Pid files are in ``run/``, logs in ``logs/``. Example::

        servers = Supervisor(data_dir(), instance_id())
        servers.start("moto", [sys.executable, "-m", "moto.server"])
        servers.wait_ready("moto", probe, timeout=20)
        servers.stop("moto")
    """

    def __init__(self, data: Path, instance: str) -> None:
        self.data = data
        self.instance = instance
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._offsets: dict[str, int] = {}

    def pid_file(self, name: str) -> Path:
        """The pid file of server `name`."""
        return self.data / "run" / f"{name}.pid"

    def log_file(self, name: str) -> Path:
        """The log file of server `name`."""
        return self.data / "logs" / f"{name}.log"

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        netns: str | None = None,
    ) -> Process:
        """Start `argv` as a daemon in its own session; one that runs already is returned as it is.

        `env` is added to a small clean environment (PATH, HOME, LANG, the instance's mark); secrets
        belong there or in a file of mode 0600, never in `argv`. `user` is switched to when we are root;
        `netns` is the path of a network namespace to run in (Linux, root).
        """
        running = self.find(name)
        if running is not None:
            return running
        program = shutil.which(argv[0])
        if program is None:
            raise LocalCloudError(f"{name} can't start: the program {argv[0]} is not installed")
        pid_file, log = self.pid_file(name), self.log_file(name)
        pid_file.parent.mkdir(parents=True, exist_ok=True)
        pid_file.unlink(missing_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        _rotate(log)
        command = [*_entering(netns), *_switching(user), program, *argv[1:]]
        method = "proc" if sys.platform == "linux" else "ps"
        with log.open("ab") as stream:
            self._offsets[name] = stream.tell()
            child = subprocess.Popen(
                ["/bin/sh", "-c", _LAUNCHER, str(pid_file), method, *command],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.data,
                env=self._environment(env or {}),
                start_new_session=True,
            )
        self._children[name] = child
        while not pid_file.exists() and child.poll() is None:
            time.sleep(0.001)
        record = _read_pid_file(pid_file)
        if record is None:
            raise self._died(name)
        return Process(name, record[0], record[1], log, self._offsets[name])

    def find(self, name: str) -> Process | None:
        """The running server `name`, or None."""
        record = _read_pid_file(self.pid_file(name))
        child = self._children.get(name)
        if child is not None:
            child.poll()  # reaps it, if it died
        if record is None or start_time(record[0]) != record[1]:
            return None
        return Process(name, *record, self.log_file(name), self._offsets.get(name, 0))

    def alive(self, name: str) -> bool:
        """Tell whether the server `name` runs."""
        return self.find(name) is not None

    def names(self) -> list[str]:
        """The servers that have a pid file, running or not."""
        return sorted(path.stem for path in (self.data / "run").glob("*.pid"))

    def wait_ready(
        self,
        name: str,
        probe: Callable[[], bool],
        *,
        timeout: float,
        progress: Callable[[str], None] = lambda _: None,
        interval: float = 0.05,
    ) -> None:
        """Wait until `probe` says True; `timeout` and `interval` are in seconds.

        A probe that raises OSError counts as "not yet". A server that dies ends the wait at once, with
        the last lines of its log in the error.
        """
        deadline = time.monotonic() + timeout
        said = False
        while True:
            with contextlib.suppress(OSError):
                if probe():
                    return
            if not said:
                progress(f"waiting for {name}")
                said = True
            if not self.alive(name):
                raise self._died(name)
            if time.monotonic() > deadline:
                raise LocalCloudError(
                    f"{name} is not ready after {timeout:g} s: {self.last_line(name)} "
                    f"(log: {self.log_file(name)})",
                    details=self.tail(name),
                )
            time.sleep(interval)

    def stop(self, name: str, *, timeout: float = 10, signal_number: int = signal.SIGTERM) -> bool:
        """Stop server `name` and its process group; SIGKILL after `timeout` seconds.

        The answer is False when it was not running.
        """
        process = self.find(name)
        if process is not None:
            terminate(process.pid, process.started, timeout=timeout, signal_number=signal_number)
        child = self._children.pop(name, None)
        if child is not None:
            # Without its pid file the server was not found above, and may well be running still.
            start = start_time(child.pid)
            if process is None and start is not None:
                terminate(child.pid, start, timeout=timeout, signal_number=signal_number)
            child.wait()
        self.pid_file(name).unlink(missing_ok=True)
        return process is not None

    def tail(self, name: str, lines: int = 10) -> str:
        """The last lines that server `name` has written since this supervisor started it."""
        try:
            with self.log_file(name).open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(self._offsets.get(name, 0), size - 64 * 1024))
                text = stream.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])

    def last_line(self, name: str) -> str:
        """The last lines of the log in one line, for an error message."""
        return " | ".join(line.strip() for line in self.tail(name, 3).splitlines()) or "it wrote no log"

    def _died(self, name: str) -> LocalCloudError:
        return LocalCloudError(
            f"{name} stopped while starting: {self.last_line(name)} (log: {self.log_file(name)})",
            details=self.tail(name),
        )

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        base = {key: os.environ[key] for key in ("PATH", "HOME", "TZ", "TMPDIR") if key in os.environ}
        return {**base, "LANG": "C.UTF-8", INSTANCE_VARIABLE: self.instance, **extra}


def terminate(pid: int, started: str, *, timeout: float, signal_number: int = signal.SIGTERM) -> None:
    """Stop process `pid` if it is the one that began at `started`, then what is left of its group."""
    if start_time(pid) != started:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal_number)
    deadline = time.monotonic() + timeout
    while start_time(pid) == started and time.monotonic() < deadline:
        time.sleep(_POLL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    while start_time(pid) == started:
        time.sleep(_POLL)


def start_time(pid: int) -> str | None:
    """When process `pid` began, as the system writes it; None when there is none, or only a zombie."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (OSError, ValueError):
            return None
        return None if fields[0] in ("Z", "X") else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.split(maxsplit=1)
    return answer[1].strip() if len(answer) == 2 and not answer[0].startswith("Z") else None


def marked_processes(instance: str) -> list[tuple[int, str]]:
    """Every process that descends from a server of this instance: (pid, command line). Linux only.

    It reads the mark that `Supervisor.start` leaves in the environment, so it also finds what lost its
    pid file. Processes of other users are seen by root only.
    """
    mark = f"{INSTANCE_VARIABLE}={instance}".encode()
    found: list[tuple[int, str]] = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                found.append((int(folder.name), command.strip()))
    return sorted(found)


def _read_pid_file(path: Path) -> tuple[int, str] | None:
    try:
        pid, started = path.read_text().splitlines()[:2]
        return int(pid), started.strip()
    except (OSError, ValueError):
        return None


def _rotate(log: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_name(log.name + ".1"))


def _entering(netns: str | None) -> list[str]:
    # nsenter, not `ip netns exec`: the latter mounts a fresh /sys, which hides the cgroups.
    return ["nsenter", f"--net={netns}", "--"] if netns else []


def _switching(user: str | None) -> list[str]:
    if user is None or os.geteuid() != 0:
        return []
    group = pwd.getpwnam(user).pw_gid
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--"]
