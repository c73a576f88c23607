"""Ctrl-C in every phase: one line, code 130, nothing left running or locked, and the next run goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from environment_cloud import PROJECT, REPO, Cloud

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(900)]

_END_SECONDS = 60


def _interrupted(
    cloud: Cloud, step: str, delay: float, *arguments: str, times: int = 1
) -> tuple[int, list[str]]:
    """Run a command as a terminal does, and press Ctrl-C `delay` seconds after `step` has begun."""
    process = subprocess.Popen(
        [sys.executable, "-m", "understudy", *arguments],
        env=dict(cloud.base),
        cwd=REPO,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    begun = threading.Event()

    def read() -> None:
        for line in process.stdout or ():
            lines.append(line.rstrip("\n"))
            if lines[-1] == f"• {step}":
                begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert begun.wait(300), lines
    time.sleep(delay)
    for _ in range(times):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.5)
    try:
        code = process.wait(_END_SECONDS)
    finally:
        process.kill()
    reader.join(_END_SECONDS)
    return code, lines


def _of_the_run(cloud: Cloud) -> list[str]:
    """Engines, plugins, language hosts and programs that use this local cloud's state."""
    found: list[str] = []
    backend = f"PULUMI_BACKEND_URL={(cloud.data / 'state').as_uri()}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if backend in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def _gone_within(cloud: Cloud, seconds: float) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := _of_the_run(cloud)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _locks(cloud: Cloud, stack: str) -> list[Path]:
    return list((cloud.data / "state/.pulumi/locks/organization" / PROJECT / stack).glob("*"))


def _quiet(code: int, lines: list[str]) -> None:
    text = "\n".join(lines)
    assert code == 130, text
    assert lines[-1] == "cancelled; the same command goes on from here", text
    for noise in ("Traceback", "Error in", "error:", "KeyboardInterrupt", "Exception"):
        assert noise not in text, text


@pytest.fixture(scope="module")
def name(new_name: Callable[[str], str]) -> str:
    return new_name("cancel")


@pytest.mark.parametrize(
    ("step", "delay"),
    [
        ("preparation", 0.0),
        ("engine and cluster executables", 0.0),
        ("servers", 0.1),
        ("images", 0.05),
        ("stack", 0.2),
        ("stack", 0.8),
        ("resources", 0.3),
        ("resources", 2.0),
        ("resources", 5.0),
        ("resources", 9.0),
        ("resources", 14.0),
    ],
)
def test_ctrl_c_in_every_phase_of_up(cloud: Cloud, name: str, step: str, delay: float) -> None:
    code, lines = _interrupted(cloud, step, delay, "up", name, "--no-smoke")
    if code == 0 and step == "resources":
        pytest.skip("the machine was faster than the finger")
    _quiet(code, lines)
    assert _gone_within(cloud, 10) == []
    assert _locks(cloud, name) == []


def test_the_next_up_converges_then_ctrl_c_in_the_smoke_test_and_in_down(cloud: Cloud, name: str) -> None:
    cloud.understudy("up", name, "--no-smoke").ok()
    _quiet(*_interrupted(cloud, "smoke test", 0.1, "up", name))
    cloud.up(name)
    _quiet(*_interrupted(cloud, "resources", 3.0, "down", name))
    assert _gone_within(cloud, 10) == []
    assert _locks(cloud, name) == []
    cloud.understudy("down", name).ok()
    assert cloud.traces(name) == []


def test_a_second_ctrl_c_stops_at_once_and_the_next_run_still_goes_on(
    cloud: Cloud, new_name: Callable[[str], str]
) -> None:
    name = new_name("twice")
    code, lines = _interrupted(cloud, "resources", 6.0, "up", name, "--no-smoke", times=2)
    _quiet(code, lines)
    assert _gone_within(cloud, 40) == []
    cloud.understudy("up", name, "--no-smoke").ok()
    cloud.understudy("down", name).ok()
    assert cloud.traces(name) == []


def test_ctrl_c_while_the_local_cloud_starts_or_stops(cloud: Cloud) -> None:
    code, lines = _interrupted(cloud, "stopping", 0.3, "local", "down")
    _quiet(code, lines)
    cloud.understudy("local", "down").ok()
    _quiet(*_interrupted(cloud, "servers", 1.0, "local", "up"))
    cloud.bring_up()
