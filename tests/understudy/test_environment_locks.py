"""Only a lock whose holder is provably gone is removed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from understudy.environments.locks import clear_stranded, engine_is_running, locks


def write(state: Path, name: str, **fields: object) -> Path:
    folder = state / ".pulumi" / "locks" / "organization" / "understudy" / "feature-x"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"pid": 1, "username": "u", "hostname": socket.gethostname(), **fields}))
    return path


def clear(state: Path, *, running: bool) -> list[Path]:
    return [
        lock.path
        for lock in clear_stranded(state, "understudy", "feature-x", runs_engine=lambda _pid: running)
    ]


def test_a_lock_of_a_dead_engine_goes(tmp_path: Path) -> None:
    path = write(tmp_path, "a", pid=4)
    path.with_name("a.json.attrs").write_text("{}")
    assert clear(tmp_path, running=False) == [path]
    assert list(path.parent.iterdir()) == []


def test_a_lock_of_a_running_engine_stays(tmp_path: Path) -> None:
    assert write(tmp_path, "a", pid=4).exists()
    assert clear(tmp_path, running=True) == []


def test_locks_that_prove_nothing_stay(tmp_path: Path) -> None:
    write(tmp_path, "other-host", hostname="elsewhere")
    write(tmp_path, "damaged").write_text("{")
    assert clear(tmp_path, running=False) == []
    assert len(locks(tmp_path, "understudy", "feature-x")) == 2


def test_no_stack_no_locks(tmp_path: Path) -> None:
    assert locks(tmp_path, "understudy", "feature-x") == []


def test_a_process_that_ended_runs_no_engine() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not engine_is_running(ended.pid)
    assert not engine_is_running(os.getpid())  # alive, but no engine
