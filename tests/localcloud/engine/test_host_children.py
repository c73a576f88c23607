"""The processes that run programs: how they get their work, and how they end."""

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from localcloud.engine.host.children import Child, Children
from localcloud.engine.host.streams import merged
from localcloud.engine.host.wrapper import wrapper_script

_PYTHON = Path(sys.executable)
_LINUX = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")


def _start(children: Children, folder: Path, program: str, *arguments: str) -> Child:
    (folder / "__main__.py").write_text(program)
    request = {"mode": "path", "program": str(folder), "args": list(arguments)}
    return children.start(request, python=_PYTHON, env=dict(os.environ), cwd=str(folder), piped=True)


def _lines(child: Child) -> list[tuple[str, bytes]]:
    assert child.stdout is not None
    assert child.stderr is not None
    return list(merged(child.stdout, child.stderr))


def _first_line(child: Child) -> bytes:
    assert child.stdout is not None
    return child.stdout.readline()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _alive(pid)


def test_a_child_runs_as_python_would_run_it(tmp_path):
    (tmp_path / "sibling.py").write_text("value = 'imported'")
    program = """
import json, os, sys
from sibling import value
print(json.dumps([__name__, sys.argv, value, os.getcwd(), sorted(os.environ)]))
print("problem", file=sys.stderr)
sys.exit(7)
"""
    child = _start(Children(), tmp_path, program, "--flag", "x y")
    lines = _lines(child)
    name, arguments, value, cwd, variables = json.loads(
        next(line for stream, line in lines if stream == "stdout")
    )
    assert (name, arguments, value) == ("__main__", [str(tmp_path), "--flag", "x y"], "imported")
    assert cwd == str(tmp_path)
    assert set(variables) <= {*os.environ, "LC_CTYPE"}
    assert ("stderr", b"problem\n") in lines
    assert child.wait() == 7
    assert not child.cancelled


def test_the_runner_s_own_folder_is_no_place_to_import_from(tmp_path):
    child = _start(Children(), tmp_path, "import options")
    assert b"ModuleNotFoundError" in b"".join(line for _, line in _lines(child))
    assert child.wait() == 1


def test_a_large_request_arrives(tmp_path):
    big = "x" * 300_000
    child = _start(Children(), tmp_path, "import sys\nprint(len(sys.argv[1]))", big)
    assert _lines(child) == [("stdout", b"300000\n")]


def test_a_cancelled_program_cleans_up_and_says_nothing(tmp_path):
    program = """
import pathlib, time
try:
    print("started", flush=True)
    time.sleep(60)
finally:
    pathlib.Path("cleaned").touch()
"""
    child = _start(Children(), tmp_path, program)
    assert _first_line(child) == b"started\n"
    began = time.monotonic()
    child.cancel()
    assert time.monotonic() - began < 3
    assert child.cancelled
    assert (tmp_path / "cleaned").exists()
    assert _lines(child) == []


_STUBBORN = """
import subprocess, sys, time
helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
said = False
while True:
    try:
        if not said:
            print(helper.pid, flush=True)
            said = True
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""


# What it started tells of itself once the program has stopped.
_STOPPED = '''
import os, signal, subprocess, sys, time
helper = """
import os, pathlib, time
while pathlib.Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[0] != "T":
    time.sleep(0.01)
print(os.getpid(), flush=True)
time.sleep(60)
"""
subprocess.Popen([sys.executable, "-c", helper])
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(60)
'''


@_LINUX
def test_a_program_that_will_not_end_is_killed_with_what_it_started(tmp_path):
    child = _start(Children(), tmp_path, _STUBBORN)
    helper = int(_first_line(child))
    child.cancel()
    assert child.wait() != 0
    assert _gone(helper)


@_LINUX
def test_a_program_that_cannot_even_be_asked_is_killed_with_what_it_started(tmp_path):
    child = _start(Children(), tmp_path, _STOPPED)
    helper = int(_first_line(child))
    child.cancel()
    assert child.wait() == -signal.SIGKILL
    assert _gone(helper)


def test_all_are_cancelled_at_once_and_none_can_be_started_later(tmp_path):
    children = Children()
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for folder in folders:
        folder.mkdir()
    running = [
        _start(children, folder, "import time\nprint(1, flush=True)\ntime.sleep(60)") for folder in folders
    ]
    for child in running:
        _first_line(child)
    children.cancel_all()
    assert all(child.cancelled for child in running)
    late = _start(children, folders[0], "import time\ntime.sleep(60)")
    assert late.wait() != 0


@_LINUX
def test_a_child_does_not_outlive_a_host_that_was_killed(tmp_path):
    (tmp_path / "__main__.py").write_text("import time\ntime.sleep(60)")
    host = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys, time\n"
            "from pathlib import Path\n"
            "from localcloud.engine.host.children import Children\n"
            "request = {'mode': 'path', 'program': sys.argv[1], 'args': []}\n"
            "python = Path(sys.executable)\n"
            "child = Children().start(request, python=python, env=os.environ, cwd='/', piped=False)\n"
            "print(child._process.pid, flush=True)\n"
            "time.sleep(60)\n",
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    assert _alive(pid)
    host.kill()
    host.wait()
    assert _gone(pid)


def test_output_is_merged_as_it_comes():
    reading, writing = os.pipe()
    lines = merged(os.fdopen(reading, "rb"), io.BytesIO(b"one\ntwo"))
    assert [next(lines), next(lines)] == [("stderr", b"one\n"), ("stderr", b"two")]
    threading.Timer(0.05, lambda: (os.write(writing, b"late\n"), os.close(writing))).start()
    assert list(lines) == [("stdout", b"late\n")]


@pytest.mark.parametrize("folder", ["plain", "with space", "quote'd", "dollar$HOME"])
def test_the_wrapper_starts_that_very_python(tmp_path, folder):
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$0" "$@"\n')
    python.chmod(0o755)
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(wrapper_script(python))
    ran = subprocess.run(["sh", wrapper, "127.0.0.1:1", "a b"], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{python} -P -m localcloud.engine.language_host 127.0.0.1:1 a b\n"
