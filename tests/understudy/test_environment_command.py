"""Ctrl-C reaches the engine, and this process waits for its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pulumi.automation.errors import CommandError

from understudy.environments.command import EngineCommand

_ENGINE = """#!/bin/sh
[ "$1" = version ] && echo v3.259.0 && exit
shift  # --non-interactive
case "$1" in
fail) echo out; echo "error: broken" >&2; exit 3;;
slow) trap 'n=$((n+1)); echo "interrupt $n" >> "$2"; [ "$3" = stubborn ] && [ $n = 1 ] || done=yes' INT
  echo ready >> "$2"
  while [ -z "$done" ]; do sleep 0.05; done
  sleep 0.3; echo "ended" >> "$2"; exit 1;;
*) echo "$@"; echo told >&2;;
esac
"""

_CALLER = """
import sys
from understudy.environments.command import EngineCommand
try:
    EngineCommand(lambda: print("cancelling", flush=True)).run(sys.argv[1:], "/", {})
except KeyboardInterrupt:
    print("cancelled", flush=True)
"""


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(_ENGINE)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.mark.usefixtures("engine")
def test_output_is_passed_on_line_by_line() -> None:
    seen: list[str] = []
    result = EngineCommand().run(["up", "--yes"], "/", {}, on_output=seen.append)
    assert (result.code, result.stdout, result.stderr) == (0, "up --yes", "told")
    assert seen == ["up --yes"]


@pytest.mark.usefixtures("engine")
def test_a_failure_carries_what_was_said() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(CommandError, match="error: broken"):
        EngineCommand().run(["fail"], "/", {})
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2])
def test_the_engine_ends_before_its_caller(tmp_path: Path, number: signal.Signals, times: int) -> None:
    notes = tmp_path / "notes"
    mode = "stubborn" if times == 2 else "meek"
    caller = subprocess.Popen(
        [sys.executable, "-c", _CALLER, "slow", str(notes), mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    _await(notes, "ready")
    for turn in range(times):
        os.killpg(caller.pid, number)  # as a terminal does: the engine itself must not get it twice
        _await(notes, f"interrupt {turn + 1}")
    out, err = caller.communicate(timeout=20)
    assert out.split() == ["cancelling", "cancelled"]
    assert err == ""
    assert notes.read_text().split("\n")[-2] == "ended"
    assert notes.read_text().count("interrupt") == times


def _await(notes: Path, line: str) -> None:
    deadline = time.monotonic() + 20
    while not (notes.exists() and line in notes.read_text()):
        assert time.monotonic() < deadline, f"no {line!r}"
        time.sleep(0.02)
