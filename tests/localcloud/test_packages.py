"""Debian packages, with a runner that installs nothing."""

from __future__ import annotations

import os
import subprocess
from contextlib import nullcontext
from pathlib import Path

import pytest

from localcloud import packages
from localcloud.errors import LocalCloudError
from localcloud.packages import Machine, ensure, lists_are_old, postgres_package


class Runner:
    def __init__(self, code: int = 0, stdout: str = "", stderr: str = "") -> None:
        self.calls: list[list[str]] = []
        self.answer = (code, stdout, stderr)

    def __call__(self, argv: list[str]) -> subprocess.CompletedProcess[str]:
        self.calls.append(argv)
        return subprocess.CompletedProcess(argv, *self.answer)


@pytest.fixture(autouse=True)
def _fresh_lists(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packages, "lists_are_old", lambda: True)


def test_nothing_missing_runs_nothing():
    run = Runner()
    assert ensure({"a": True}, Machine(True, True, run)) == []
    assert run.calls == []


def test_root_on_debian_installs_what_is_missing():
    run = Runner()
    assert ensure({"b": False, "a": False, "c": True}, Machine(True, True, run), policy=nullcontext()) == [
        "a",
        "b",
    ]
    assert [call[-3:] for call in run.calls][1] == ["--no-install-recommends", "a", "b"]
    assert run.calls[0][-1] == "update"


@pytest.mark.parametrize(
    ("root", "apt", "message"),
    [(False, True, "sudo apt-get install --no-install-recommends a b"), (True, False, "a, b")],
)
def test_elsewhere_the_error_lists_them(root: bool, apt: bool, message: str):
    run = Runner()
    with pytest.raises(LocalCloudError, match=message) as raised:
        ensure({"a": False, "b": False}, Machine(root, apt, run))
    assert run.calls == [] and "\n" not in str(raised.value)


def test_a_failed_installation_quotes_the_reason():
    run = Runner(100, "", "Reading…\nE: Unable to locate package b\nW: more\n")
    with pytest.raises(LocalCloudError, match="E: Unable to locate package b") as raised:
        ensure({"b": False}, Machine(True, True, run), policy=nullcontext())
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("postgresql-15\npostgresql-15-cron\n", "postgresql-15"),
        ("postgresql-16\npostgresql-14\npostgresql-16-pgvector\n", "postgresql-16"),
        ("", "postgresql-15"),
    ],
)
def test_the_version_that_the_distribution_has(names: str, expected: str):
    assert postgres_package(Machine(True, True, Runner(0, names))) == expected


def test_age_of_the_lists(tmp_path: Path):
    assert packages.lists_are_old is not lists_are_old
    assert lists_are_old(tmp_path, now=0)
    file = tmp_path / "x_Packages.lz4"
    file.touch()
    os.utime(file, (1000, 1000))
    assert not lists_are_old(tmp_path, now=2000)
    assert lists_are_old(tmp_path, now=1000 + 8 * 24 * 3600)


def test_quiet_leaves_the_users_own_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mine, ours = tmp_path / "policy-rc.d", tmp_path / "cluster.conf"
    mine.write_text("#!/bin/sh\nexit 0\n")
    monkeypatch.setattr(packages._Quiet, "_FILES", ((mine, 0o755, "x"), (ours, 0o644, f"{packages._MARK}\n")))
    with packages._Quiet():
        assert mine.read_text() == "#!/bin/sh\nexit 0\n"
        assert ours.exists()
    assert mine.exists() and not ours.exists()
    ours.write_text(f"{packages._MARK}\nleft by a kill\n")
    with packages._Quiet():
        pass
    assert not ours.exists()
