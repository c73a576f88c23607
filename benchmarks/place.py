"""A local cloud of the benchmarks' own, and the commands that are timed on it.

It lives in a folder of its own and is removed at the end, so no environment of the user is touched, and a
run that was killed leaves nothing that the next one does not remove.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# Not in the home folder: PostgreSQL runs as a user of its own, who must reach it.
_DATA = Path("/var/tmp") / f"understudy-benchmarks-{os.getuid()}"

COMMAND_SECONDS = 240.0
"""A command that takes longer has failed."""


@dataclass(frozen=True)
class Ran:
    """A command that ended well."""

    seconds: float
    stdout: str


class Failed(Exception):
    """A timed command failed; the message is one line with the end of what it printed."""


class Place:
    """The scratch local cloud."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.base = {**os.environ, "UNDERSTUDY_DATA_DIR": str(data)}
        self._variables: dict[str, str] | None = None
        self._used: list[Path] = []

    def name(self, purpose: str) -> str:
        """Return the name of a new environment; one that an earlier run left is forgotten."""
        name = f"bench-{purpose}"
        self._used.append(ROOT / "stacks" / "config" / f"Pulumi.{name}.yaml")
        self._used[-1].unlink(missing_ok=True)
        return name

    def forget(self) -> None:
        """Remove the configuration of every environment that `name` has named."""
        for file in self._used:
            file.unlink(missing_ok=True)

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment variables of a shell that has run ``eval "$(understudy env)"``."""
        if self._variables is None:
            shell = f'eval "$({sys.executable} -m understudy env)" && env -0'
            printed = self.run("bash", "-c", shell).stdout
            pairs = (line.partition("=") for line in printed.split("\0") if line)
            self._variables = {name: value for name, _, value in pairs}
        return self._variables

    def understudy(self, *arguments: str) -> Ran:
        """Run the command line as a user does."""
        return self.run(*self.command(*arguments))

    @staticmethod
    def command(*arguments: str) -> list[str]:
        """Return the command line as words."""
        return [sys.executable, "-m", "understudy", *arguments]

    def pulumi(self, *arguments: str, folder: Path = ROOT) -> Ran:
        """Run the engine as a user does in a prepared shell."""
        return self.run("pulumi", *arguments, "--non-interactive", env=self.variables, folder=folder)

    def run(self, *command: str, env: Mapping[str, str] | None = None, folder: Path = ROOT) -> Ran:
        """Run and time a command; raise Failed unless it ends well and in time."""
        begun = time.monotonic()
        process = self.start(*command, env=env, folder=folder)
        return finish(process, begun)

    def start(
        self, *command: str, env: Mapping[str, str] | None = None, folder: Path = ROOT
    ) -> subprocess.Popen[str]:
        """Start a command; `finish` waits for it."""
        environment = dict(self.base if env is None else env)
        found = environment.get("PATH", os.defpath)
        return subprocess.Popen(
            command if os.sep in command[0] else ["/usr/bin/env", f"PATH={found}", *command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def remove(self, environment: str) -> None:
        """Destroy an environment if it is there, whatever became of the benchmark."""
        with contextlib.suppress(Failed):
            self.understudy("down", environment)


def finish(process: subprocess.Popen[str], begun: float) -> Ran:
    """Wait for a command that began at `begun` (monotonic seconds)."""
    name = " ".join(str(each) for each in process.args[:6]) if isinstance(process.args, list | tuple) else ""
    try:
        stdout, stderr = process.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise Failed(f"{name}: not done after {COMMAND_SECONDS:.0f} s") from None
    if process.returncode:
        last = " ".join((stderr or stdout).split())[-400:]
        raise Failed(f"{name}: exit code {process.returncode}: {last}")
    return Ran(time.monotonic() - begun, stdout)


def answer(ran: Ran) -> dict[str, Any]:
    """Return what a command printed with --json."""
    return json.loads(ran.stdout)


@contextlib.contextmanager
def scratch() -> Iterator[Place]:
    """Yield a place whose local cloud does not run yet; at the end nothing is left of it."""
    place = Place(_DATA)
    _DATA.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(Failed):
        place.understudy("local", "reset", "--yes")
    before = os.environ.get("UNDERSTUDY_DATA_DIR")
    os.environ["UNDERSTUDY_DATA_DIR"] = str(_DATA)
    try:
        yield place
    finally:
        if before is None:
            del os.environ["UNDERSTUDY_DATA_DIR"]
        else:
            os.environ["UNDERSTUDY_DATA_DIR"] = before
        place.forget()
        place.understudy("local", "reset", "--yes")
        shutil.rmtree(_DATA, ignore_errors=True)
