"""The supervisor, with real small processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localcloud.errors import LocalCloudError
from localcloud.supervise import Supervisor, marked_processes, start_time


@pytest.fixture
def servers(tmp_path: Path):
    supervisor = Supervisor(tmp_path, f"test-{os.getpid()}-{tmp_path.name}")
    yield supervisor
    for name in supervisor.names():
        supervisor.stop(name, timeout=1)


def test_start_find_stop(servers: Supervisor):
    process = servers.start("sleeper", ["sleep", "60"])
    assert os.getsid(process.pid) == process.pid
    assert servers.start("sleeper", ["sleep", "60"]).pid == process.pid
    assert Supervisor(servers.data, servers.instance).alive("sleeper")
    assert servers.stop("sleeper")
    assert not servers.alive("sleeper")
    assert not servers.stop("sleeper")
    assert start_time(process.pid) is None
    assert servers.names() == []


def test_a_recycled_pid_is_never_signalled(servers: Supervisor):
    other = subprocess.Popen(["sleep", "60"])
    try:
        servers.pid_file("x").parent.mkdir()
        servers.pid_file("x").write_text(f"{other.pid}\n1\n")
        assert not servers.alive("x")
        servers.stop("x", timeout=0.1)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_one_that_ignores_sigterm_is_killed_with_its_group(servers: Supervisor):
    servers.start("stubborn", ["sh", "-c", "trap '' TERM; sleep 61 & echo up; while :; do sleep 1; done"])
    servers.wait_ready("stubborn", lambda: "up" in servers.tail("stubborn"), timeout=5)
    assert len(marked_processes(servers.instance)) >= 2
    servers.stop("stubborn", timeout=0.2)
    # Killed processes are gone when the system has got round to them.
    deadline = time.monotonic() + 5
    while marked_processes(servers.instance) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert marked_processes(servers.instance) == []


def test_death_while_waiting_is_reported_at_once_with_the_log(servers: Supervisor):
    servers.log_file("broken").parent.mkdir()
    servers.log_file("broken").write_text("old line\n")
    servers.start("broken", ["sh", "-c", "echo cannot bind; exit 3"])
    begun = time.monotonic()
    with pytest.raises(LocalCloudError) as raised:
        servers.wait_ready("broken", lambda: False, timeout=30)
    assert time.monotonic() - begun < 5
    assert "cannot bind" in str(raised.value)
    assert "old line" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_not_ready_in_time(servers: Supervisor):
    servers.start("slow", ["sleep", "60"])
    with pytest.raises(LocalCloudError, match="not ready after"):
        servers.wait_ready("slow", lambda: False, timeout=0.2)


def test_a_probe_may_fail_until_the_server_listens(servers: Supervisor):
    answers = iter([OSError("refused"), False, True])

    def probe() -> bool:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    servers.start("s", ["sleep", "60"])
    servers.wait_ready("s", probe, timeout=5)


def test_a_missing_program_is_one_line(servers: Supervisor):
    with pytest.raises(LocalCloudError, match="no-such-program is not installed"):
        servers.start("x", ["no-such-program"])


def test_the_environment_is_clean_and_carries_what_was_given(
    servers: Supervisor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    servers.start("env", ["sh", "-c", "env; sleep 60"], env={"GIVEN": "yes"})
    servers.wait_ready("env", lambda: "GIVEN=yes" in servers.tail("env", 99), timeout=5)
    assert "canary" not in servers.tail("env", 99)


def test_a_large_log_is_rotated_at_start(servers: Supervisor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("localcloud.supervise.LOG_LIMIT", 100)
    servers.log_file("x").parent.mkdir()
    servers.log_file("x").write_text("a" * 200)
    servers.start("x", ["sleep", "60"])
    assert servers.log_file("x").stat().st_size == 0
    assert servers.log_file("x").with_name("x.log.1").stat().st_size == 200


def test_a_starter_that_is_killed_leaves_a_pid_file(servers: Supervisor, tmp_path: Path):
    code = (
        "import os, signal, sys; from pathlib import Path; from localcloud import supervise\n"
        f"s = supervise.Supervisor(Path({str(tmp_path)!r}), {servers.instance!r})\n"
        "real = supervise.subprocess.Popen\n"
        "def popen(*a, **k):\n    real(*a, **k); os.kill(os.getpid(), signal.SIGKILL)\n"
        "supervise.subprocess.Popen = popen\n"
        "s.start('x', ['sleep', '60'])\n"
    )
    killed = subprocess.run([sys.executable, "-c", code], check=False)
    assert killed.returncode == -signal.SIGKILL
    deadline = time.monotonic() + 5
    while not servers.alive("x") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert servers.stop("x")
    assert marked_processes(servers.instance) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root switches users")
def test_user(servers: Supervisor):
    process = servers.start("x", ["sh", "-c", "id -un; exec sleep 60"], user="nobody", cwd=Path("/"))
    servers.wait_ready("x", lambda: servers.tail("x") == "nobody", timeout=5)
    assert Path(f"/proc/{process.pid}").stat().st_uid != 0


def test_a_server_whose_pid_file_is_gone_is_stopped_by_the_one_who_started_it(tmp_path: Path) -> None:
    servers = Supervisor(tmp_path, "00000000")
    process = servers.start("sleeper", [sys.executable, "-c", "import time; time.sleep(600)"])
    for path in (tmp_path / "run").glob("sleeper*"):
        path.unlink()
    servers.stop("sleeper", timeout=5)
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
