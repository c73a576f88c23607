"""A run under the real engine that is interrupted, terminated or killed."""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from engine_workplace import VIRTUALENV, Workplace

import localcloud.engine.host.children as children_module
from localcloud.engine.acquire import ensure_engine

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

_RUNNER = str(Path(children_module.__file__).with_name("child.py"))


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path, ensure_engine().path)


_SLOW = """
import pathlib, time
import pulumi
pathlib.Path("started").write_text("yes")
try:
    time.sleep(60)
finally:
    pathlib.Path("cleaned").write_text("yes")
"""


def _programs_of(folder: Path) -> list[int]:
    """Processes of the language host or its programs that work in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_text()
            if (_RUNNER in command or "language_host" in command) and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def _wait_until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_or_killed_run_leaves_no_process_and_no_trace(workplace: Workplace, number: int):
    project = workplace.project("slow", _SLOW)
    process = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color", "never"],
        cwd=project,
        env=workplace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert _wait_until((project / "started").exists, 30)
        assert _programs_of(project)
        process.send_signal(number)
        shown, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode != 0
    assert "Traceback" not in shown
    assert "KeyboardInterrupt" not in shown
    assert _wait_until(lambda: not _programs_of(project), 10), _programs_of(project)
    # The program could clean up behind itself, as on Ctrl-C without the engine.
    assert (project / "cleaned").exists()
    if number == signal.SIGKILL:
        workplace.pulumi("cancel", "--yes", cwd=project)
    (project / "__main__.py").write_text("")
    assert re.search(r"Resources:\s+\+ 1 created|1 unchanged", workplace.pulumi("up", "--yes", cwd=project))


_PACK = """
import time
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

def check(args, report):
    time.sleep(60)

PolicyPack("slow", enforcement_level=EnforcementLevel.MANDATORY, policies=[
    ResourceValidationPolicy(name="rule", description="takes its time", validate=check)])
"""


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes in /proc")
def test_a_killed_engine_takes_its_policy_packs_along(workplace: Workplace):
    pack = workplace.folder / "pack"
    pack.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": str(VIRTUALENV)}}
    (pack / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime}))
    (pack / "__main__.py").write_text(_PACK)
    project = workplace.project("slow", "import pulumi\npulumi.ComponentResource('a:b:C', 'c')")
    process = subprocess.Popen(
        ["pulumi", "preview", "--policy-pack", str(pack), "--non-interactive"],
        cwd=project,
        env=workplace.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _wait_until(lambda: bool(_programs_of(pack)), 30)
    finally:
        process.kill()
        process.wait()
    assert _wait_until(lambda: not (_programs_of(pack) or _programs_of(project)), 10)
