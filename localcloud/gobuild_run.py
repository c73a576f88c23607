"""Runs Go for :mod:`localcloud.gobuild`: progress while it works, one clear line when it fails."""

import os
import queue
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from localcloud.errors import LocalCloudError

__all__ = ["BuildError", "Progress", "explain", "run_go"]

Progress = Callable[[str], None]

_REPORT_SECONDS = 2.0
_MIB = 1024**2
# Room for the linked binaries alone, when every package is compiled already.
_LINK_BYTES = 512 * _MIB

_DOWNLOADING = "go: downloading "
_FAILURES = (
    (r"no space left on device", "the disk is full; free some space ({room}) and run again"),
    (
        r"requires go >= (?P<need>[\d.]+)[^\n]*running go (?P<have>[\d.]+)",
        "needs Go {need} or newer, and this is Go {have}; install a newer Go",
    ),
    (
        r"SECURITY ERROR|checksum mismatch|missing go\.sum entry",
        "a downloaded source does not have the recorded digest; check the Go module proxy ($GOPROXY), "
        "empty the module cache with `go clean -modcache` and run again",
    ),
    (
        r"dial tcp|no such host|i/o timeout|connection re(?:fused|set)|TLS handshake|proxyconnect"
        r"|network is unreachable|context deadline exceeded|unexpected EOF|: 50[0-9] |module lookup disabled",
        "its source cannot be downloaded ({line}); check the network or $GOPROXY and run again",
    ),
    (r"permission denied", "a folder cannot be written ({line}); mend its permissions and run again"),
    (
        r"signal: killed|cannot allocate memory|out of memory",
        "the compiler was killed, most likely for lack of memory; free about 2 GiB and run again",
    ),
)


class BuildError(LocalCloudError):
    """A program could not be built; the text is one line that says why and how to mend it."""


def run_go(
    *,
    label: str,
    go: str,
    module_dir: Path,
    targets: Mapping[str, str],
    output: Path,
    ldflags: str,
    env: Mapping[str, str],
    free_bytes: int,
    report: Progress,
) -> None:
    """Download the module's sources and build ``targets`` into the folder ``output``.

    Args:
        label: what is built, for messages.
        go: the Go command.
        module_dir: the locked module.
        targets: binary name -> Go package.
        output: where the binaries go, under their names.
        ldflags: flags for Go's linker.
        env: variables beside the process's own.
        free_bytes: disk space that a build from nothing needs.
        report: called with status lines.

    Raises:
        BuildError: the build failed.
    """
    whole_env = _environment(env)
    started = time.monotonic()

    def step(arguments: list[str], on_line: Callable[[str], None], status: Callable[[], str]) -> None:
        def tick() -> None:
            report(f"{label}: {status()} ({_elapsed(time.monotonic() - started)})")

        code, tail = _stream([go, *arguments], module_dir, whole_env, on_line, tick)
        if code:
            raise BuildError(f"{label}: {explain(code, tail, _room(free_bytes))}", details=tail)

    folders = (output, *_go_caches(go, whole_env))
    _require_room(label, folders, _LINK_BYTES)
    report(f"{label}: building from source")
    downloads: list[str] = []
    stale: list[bool] = []

    def listed(line: str) -> None:
        if line.startswith(_DOWNLOADING):
            downloads.append(line)
        elif line in ("stale true", "stale false"):
            stale.append(line == "stale true")

    # Asked first: it downloads what is missing, and says how much there is to compile.
    packages = list(dict.fromkeys(targets.values()))
    step(
        ["list", "-deps", "-f", "stale {{.Stale}}", *packages],
        listed,
        lambda: f"downloading its source, module {len(downloads)}" if downloads else "looking at its source",
    )
    share = sum(stale) / max(len(stale), 1)
    needed = _LINK_BYTES + round(share * (free_bytes - _LINK_BYTES))
    _require_room(label, folders, needed)

    compiled: set[str] = set()
    total = sum(stale)
    for arguments in _build_commands(targets, output, ldflags):
        step(
            arguments,
            lambda line: None if line.startswith(("#", "\t", _DOWNLOADING)) else compiled.add(line),
            lambda: f"compiled {len(compiled)} of {total} packages" if len(compiled) < total else "linking",
        )
    report(f"{label}: built in {_elapsed(time.monotonic() - started)}")


def explain(code: int, output: str, room: str = "") -> str:
    """Say in one line why Go ended with ``code`` after it printed ``output``.

    Args:
        code: exit code; negative for the number of the signal that ended it.
        output: the end of what Go printed.
        room: how much disk space a build needs, in words.
    """
    if code < 0:
        return (
            f"the build was stopped by {signal.Signals(-code).name}; run again: it goes on where it stopped"
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern, advice in _FAILURES:
        found = re.search(pattern, output)
        if found:
            line = next((line for line in lines if re.search(pattern, line)), found.group())
            return advice.format(line=line, room=room, **found.groupdict())
    last = next((line for line in reversed(lines) if not line.startswith(("#", _DOWNLOADING))), "")
    return f"Go failed with exit code {code}: {last or 'it printed nothing'}"


def _build_commands(targets: Mapping[str, str], output: Path, ldflags: str) -> list[list[str]]:
    """One command for all binaries that Go names as we do (they link in parallel), one for each other."""
    common = ["build", "-v", "-buildvcs=false", "-ldflags", ldflags, "-o"]
    same = {binary: package for binary, package in targets.items() if package.rpartition("/")[2] == binary}
    together = [[*common, f"{output}{os.sep}", *same.values()]] if same else []
    renamed = [
        [*common, str(output / binary), package] for binary, package in targets.items() if binary not in same
    ]
    return together + renamed


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    # No workspace file or flags of the user's own may change what is built. Without cgo the result does not
    # depend on a C compiler or on the C library of the machine.
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off", **extra}


def _stream(
    command: list[str],
    cwd: Path,
    env: Mapping[str, str],
    on_line: Callable[[str], None],
    tick: Callable[[], None],
) -> tuple[int, str]:
    """Run a command; give each line to ``on_line`` and call ``tick`` every two seconds.

    Returns:
        The exit code and the last lines of output.
    """
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    tail: list[str] = []
    reader = threading.Thread(target=_read_into, args=(process, lines), daemon=True)
    reader.start()
    due = time.monotonic() + _REPORT_SECONDS
    try:
        while True:
            try:
                line = lines.get(timeout=max(0.0, due - time.monotonic()))
            except queue.Empty:
                line = ""
            if line is None:
                break
            if line:
                on_line(line)
                tail = [*tail[-199:], line]
            if time.monotonic() >= due:
                tick()
                due = time.monotonic() + _REPORT_SECONDS
        return process.wait(), "\n".join(tail)
    except BaseException:
        # Go ends its own children on an interrupt; a second one, or a kill, would leave them behind.
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def _read_into(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line.rstrip("\n"))
    lines.put(None)


def _go_caches(go: str, env: Mapping[str, str]) -> list[Path]:
    command = [go, "env", "GOCACHE", "GOMODCACHE"]
    asked = subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
    return [Path(line) for line in asked.stdout.splitlines() if line]


def _require_room(label: str, folders: tuple[Path, ...], needed: int) -> None:
    for folder in folders:
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free = shutil.disk_usage(existing).free
        if free < needed:
            raise BuildError(
                f"{label}: building it needs {_room(needed)} of disk space and {existing} has {_room(free)}; "
                "free some space, or move the cache with $UNDERSTUDY_CACHE_DIR and $GOCACHE"
            )


def _room(size: int) -> str:
    return f"{size / 1024**3:.1f} GiB"


def _elapsed(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
