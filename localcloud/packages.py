"""Debian packages that the local cloud needs: found, and installed where that is ours to do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic

POSTGRES_PREFERRED = 15
_LISTS = Path("/var/lib/apt/lists")
_LISTS_AGE = 7 * 24 * 3600.0  # seconds
_POLICY = Path("/usr/sbin/policy-rc.d")
_CREATE_CLUSTER = Path("/etc/postgresql-common/createcluster.d/understudy.conf")
_MARK = "# understudy: while packages are installed"
_POSTGRES_PACKAGE = re.compile(r"^postgresql-(\d+)$", re.MULTILINE)

Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Machine:
    """What `ensure` needs to know of this machine; tests bring their own."""

    root: bool
    apt: bool
    run: Run

    @staticmethod
    def this() -> Machine:
        """This machine."""
        return Machine(root=os.geteuid() == 0, apt=shutil.which("apt-get") is not None, run=_run)


def ensure(
    programs: Mapping[str, bool],
    machine: Machine | None = None,
    progress: Callable[[str], None] = lambda _: None,
    policy: AbstractContextManager[object] | None = None,
) -> list[str]:
    """Install the packages of `programs` (package name: is its program there?) that are not there.

    Returns the packages that were installed. Where we may not install, or can't, the one-line error
    names all of them. Services of the new packages are not started, and no database is made.
    """
    machine = machine or Machine.this()
    missing = sorted(package for package, there in programs.items() if not there)
    if not missing:
        return []
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if not machine.apt:
        raise LocalCloudError(
            f"these are not installed: {', '.join(missing)} (Debian's names); "
            "install what corresponds to them and run the same command again"
        )
    if not machine.root:
        raise LocalCloudError(f"these packages are not installed: {', '.join(missing)}; run `sudo {command}`")
    progress(f"installing {', '.join(missing)}")
    if lists_are_old():
        _apt(machine, ["update"], "the package lists can't be refreshed")
    with policy or _Quiet():
        _apt(machine, ["install", "--no-install-recommends", *missing], f"`{command}` failed")
    return missing


def postgres_package(machine: Machine | None = None) -> str:
    """The package of the PostgreSQL server to install: version 15, or what the distribution has.

    Debian 12 has 15, Ubuntu 24.04 has 16.
    """
    machine = machine or Machine.this()
    if not machine.apt:
        return f"postgresql-{POSTGRES_PREFERRED}"
    answer = machine.run(["apt-cache", "pkgnames", "postgresql-"])
    majors = sorted(int(major) for major in _POSTGRES_PACKAGE.findall(answer.stdout))
    if not majors or POSTGRES_PREFERRED in majors:
        return f"postgresql-{POSTGRES_PREFERRED}"
    return f"postgresql-{majors[-1]}"


def lists_are_old(folder: Path = _LISTS, now: float | None = None) -> bool:
    """Tell whether apt's package lists are missing or over a week old."""
    times = [path.stat().st_mtime for path in folder.glob("*_Packages*")]
    # apt keeps the publisher's time on the lists; the folder shows when we last asked.
    asked = max([*times, (folder / "partial").stat().st_mtime if (folder / "partial").exists() else 0.0])
    return not times or (time.time() if now is None else now) - asked > _LISTS_AGE


class _Quiet:
    """Keeps package scripts from starting services and from making PostgreSQL's default cluster.

    A file of the user's own is left alone, and ours are gone afterwards.
    """

    _FILES = (
        (_POLICY, 0o755, f"#!/bin/sh\n{_MARK}\nexit 101\n"),
        (_CREATE_CLUSTER, 0o644, f"{_MARK}\ncreate_main_cluster = false\n"),
    )

    def __enter__(self) -> None:
        self._ours: list[Path] = []
        for path, mode, text in self._FILES:
            # One with our mark was left by an installation that was killed.
            if not path.exists() or _MARK in path.read_text(errors="replace"):
                write_atomic(path, text, mode)
                self._ours.append(path)

    def __exit__(self, *_: object) -> None:
        for path in self._ours:
            path.unlink(missing_ok=True)


def _apt(machine: Machine, arguments: Sequence[str], what: str) -> None:
    answer = machine.run(["apt-get", "--quiet", "--yes", "-o", "DPkg::Lock::Timeout=300", *arguments])
    if answer.returncode != 0:
        lines = [line.strip() for line in (answer.stderr or answer.stdout).splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("E:")] or lines[-1:] or ["no output"]
        raise LocalCloudError(f"{what}: {errors[0]}", details=answer.stderr)


def _run(argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "RUNLEVEL": "1"}
    return subprocess.run(
        list(argv), capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL
    )
