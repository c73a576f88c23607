"""Building from a Go module: the cache, the lock, and what happens when it fails or is killed."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from localcloud import gobuild, gobuild_run
from localcloud.gobuild import BuildError, build, installed

# Stands in for Go where a test is about this project's side: records its calls, fails or waits as told.
_FAKE_GO = """
import json, os, pathlib, sys, time
arguments = sys.argv[1:]
with open(os.environ["FAKE_GO_LOG"], "a") as log:
    log.write(json.dumps(arguments) + "\\n")
if arguments[0] == "env":
    cache = os.environ["FAKE_GO_CACHE"]
    print("go1.99" if "GOVERSION" in arguments else f"{cache}\\n{cache}")
elif arguments[0] == "list":
    print("go: downloading example.invalid/dependency v1.0.0")
    print("stale true\\nstale false")
elif arguments[0] == "build":
    started = pathlib.Path(os.environ["FAKE_GO_LOG"] + ".started")
    started.write_text(str(os.getpid()))
    time.sleep(float(os.environ.get("FAKE_GO_SLEEP", "0")))
    print("example.invalid/dependency", file=sys.stderr)
    if os.environ.get("FAKE_GO_FAIL"):
        sys.exit(os.environ["FAKE_GO_FAIL"])
    output = pathlib.Path(arguments[arguments.index("-o") + 1])
    packages = arguments[arguments.index("-o") + 2 :]
    targets = [output / package.rpartition("/")[2] for package in packages] if output.is_dir() else [output]
    for target in targets:
        target.write_text("#!/bin/sh\\necho built\\n")
"""


@pytest.fixture
def fake_go(tmp_path: Path, monkeypatch) -> str:
    script = tmp_path / "go"
    script.write_text(f"#!{sys.executable}\n{_FAKE_GO}")
    script.chmod(0o755)
    monkeypatch.setenv("FAKE_GO_LOG", str(tmp_path / "calls"))
    monkeypatch.setenv("FAKE_GO_CACHE", str(tmp_path))
    return str(script)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    folder = tmp_path / "module"
    folder.mkdir()
    (folder / "go.mod").write_text("module example.invalid/hello\n\ngo 1.21\n")
    (folder / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    return folder


@pytest.fixture
def arguments(module: Path, tmp_path: Path, fake_go: str) -> dict:
    return {
        "name": "Hello",
        "version": "1.0",
        "module_dir": module,
        "targets": {"hello": "example.invalid/hello"},
        "dest": tmp_path / "cache" / "hello" / "1.0",
        "go": fake_go,
        "free_bytes": 1024,
    }


def _builds(tmp_path: Path) -> int:
    calls = (tmp_path / "calls").read_text().splitlines()
    return sum(json.loads(call)[0] == "build" for call in calls)


def test_real_go_builds_once(module: Path, tmp_path: Path):
    go = gobuild.shutil.which("go")
    if go is None:
        pytest.skip("no Go toolchain")
    lines: list[str] = []
    dest = tmp_path / "dest"
    targets = {"hello": "example.invalid/hello", "other-name": "example.invalid/hello"}
    build("Hello", "1.0", module, targets, dest=dest, progress=lines.append, free_bytes=1024)
    built = build("Hello", "1.0", module, targets, dest=dest, progress=lines.append, free_bytes=1024)
    for path in built.values():
        ran = subprocess.run([path], capture_output=True, text=True, check=True)
        assert ran.stderr == "hello\n"
    assert [line.partition(" in ")[0] for line in lines if "built" in line] == ["Hello 1.0: built"]
    assert sorted(path.name for path in dest.iterdir()) == ["hello", "manifest.json", "other-name"]


def test_a_second_call_uses_the_first_one_s_result(arguments, tmp_path):
    assert build(**arguments) == build(**arguments)
    assert _builds(tmp_path) == 1


def test_several_binaries_of_their_package_s_name_are_one_go_build(arguments, tmp_path):
    arguments["targets"] = {
        "a": "example.invalid/cmd/a",
        "b": "example.invalid/cmd/b",
        "c": "example.invalid/cmd/a",
    }
    assert {path.name for path in build(**arguments).values()} == {"a", "b", "c"}
    assert _builds(tmp_path) == 2


@pytest.mark.parametrize("damage", ["content", "size", "gone", "not executable", "manifest"])
def test_what_is_not_as_recorded_is_built_again(arguments, tmp_path, damage):
    path = build(**arguments)["hello"]
    content = path.read_bytes()
    if damage == "content":
        path.write_bytes(content.replace(b"built", b"spoil"))
    elif damage == "size":
        path.write_bytes(content + b"#")
    elif damage == "gone":
        path.unlink()
    elif damage == "not executable":
        path.chmod(0o644)
    else:
        (path.parent / "manifest.json").write_text('{"files": 3')
    assert build(**arguments)["hello"].read_bytes() == content
    assert _builds(tmp_path) == 2


def test_a_file_that_was_only_touched_is_not_built_again(arguments, tmp_path):
    os.utime(build(**arguments)["hello"], (1, 1))
    build(**arguments)
    assert _builds(tmp_path) == 1


@pytest.mark.parametrize("change", ["module", "targets", "ldflags", "env"])
def test_another_recipe_is_built_again(arguments, tmp_path, change):
    build(**arguments)
    if change == "module":
        (arguments["module_dir"] / "go.sum").write_text("changed\n")
    elif change == "targets":
        arguments["targets"] = {"hello": "example.invalid/hello/v2"}
    elif change == "ldflags":
        arguments["ldflags"] = "-s"
    else:
        arguments["env"] = {"GOAMD64": "v2"}
    build(**arguments)
    assert _builds(tmp_path) == 2


_BUILD_IN_PROCESS = """
import sys
from pathlib import Path
from localcloud.gobuild import build
module, dest, go = sys.argv[1:]
print(build("Hello", "1.0", Path(module), {"hello": "example.invalid/hello"}, dest=Path(dest), go=go,
            free_bytes=1024, progress=lambda line: print(line, flush=True))["hello"])
"""


def _start(arguments) -> subprocess.Popen[str]:
    command = [str(arguments["module_dir"]), str(arguments["dest"]), arguments["go"]]
    return subprocess.Popen(
        [sys.executable, "-c", _BUILD_IN_PROCESS, *command], stdout=subprocess.PIPE, text=True
    )


def _process_id_in(path: Path) -> int:
    deadline = time.monotonic() + 20
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)
    return int(path.read_text())


def test_two_that_start_at_once_build_once_and_the_second_says_it_waits(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_GO_SLEEP", "1")
    processes = [_start(arguments), _start(arguments)]
    outputs = [process.communicate(timeout=30)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert _builds(tmp_path) == 1
    assert sum("another process is building it" in output for output in outputs) == 1


def test_a_killed_build_leaves_nothing_in_the_way(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_GO_SLEEP", "60")
    process = _start(arguments)
    go = _process_id_in(tmp_path / "calls.started")
    process.kill()
    process.wait()
    os.kill(go, signal.SIGKILL)
    assert installed(gobuild.Recipe(**_recipe(arguments)), arguments["dest"]) is None
    monkeypatch.setenv("FAKE_GO_SLEEP", "0")
    assert build(**arguments)["hello"].is_file()
    assert sorted(path.name for path in arguments["dest"].iterdir()) == ["hello", "manifest.json"]


def _recipe(arguments) -> dict:
    return {key: value for key, value in arguments.items() if key not in ("dest", "go")}


def test_an_interrupt_ends_go_too(arguments, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_GO_SLEEP", "60")
    process = _start(arguments)
    go = _process_id_in(tmp_path / "calls.started")
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    with pytest.raises(ProcessLookupError):
        os.kill(go, 0)
    assert not list(arguments["dest"].iterdir())


def test_no_go_toolchain_is_one_line(arguments):
    arguments["go"] = "/nowhere/go"
    with pytest.raises(
        BuildError, match=r"^Hello 1\.0 has to be built and there is no Go toolchain: .*install Go"
    ):
        build(**arguments)


def test_too_little_disk_is_said_before_the_build(arguments, tmp_path):
    arguments["free_bytes"] = 1 << 60
    with pytest.raises(BuildError, match=r"needs .* GiB of disk space and .* has .* GiB; free some space"):
        build(**arguments)
    assert _builds(tmp_path) == 0


def test_a_folder_that_cannot_be_written_is_one_line(arguments, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(BuildError, match=r"Hello 1\.0: cannot write to "):
        build(**arguments)


def test_a_failed_build_is_one_line_with_go_s_own_as_details(arguments, monkeypatch):
    monkeypatch.setenv("FAKE_GO_FAIL", "write /tmp/x: no space left on device")
    with pytest.raises(BuildError, match=r"^Hello 1\.0: the disk is full; free some space") as caught:
        build(**arguments)
    assert "no space left on device" in caught.value.details
    assert installed(gobuild.Recipe(**_recipe(arguments)), arguments["dest"]) is None


_PROXY = "https://proxy.invalid/x/@v/v1.zip"


@pytest.mark.parametrize(
    ("code", "output", "expected"),
    [
        (1, f"go: {_PROXY}: dial tcp: lookup proxy.invalid: no such host", "cannot be downloaded (go: "),
        (1, f'Get "{_PROXY}": net/http: TLS handshake timeout', "check the network or $GOPROXY"),
        (1, f"go: {_PROXY}: 503 Service Unavailable", "check the network or $GOPROXY"),
        (1, "verifying x@v1: checksum mismatch\n\nSECURITY ERROR", "does not have the recorded digest"),
        (1, "x.go:1:2: missing go.sum entry for module", "does not have the recorded digest"),
        (
            1,
            "go: go.mod requires go >= 1.25.11 (running go 1.19.8; GOTOOLCHAIN=local)",
            "needs Go 1.25.11 or newer, and this is Go 1.19.8",
        ),
        (1, "# big\n/usr/lib/go/compile: signal: killed", "for lack of memory"),
        (1, "open /somewhere/cache/x: permission denied", "mend its permissions"),
        (
            2,
            "# example.invalid/x\nx.go:3:1: syntax error",
            "Go failed with exit code 2: x.go:3:1: syntax error",
        ),
        (3, "", "it printed nothing"),
        (-9, "", "stopped by SIGKILL; run again: it goes on where it stopped"),
    ],
)
def test_each_failure_of_go_is_explained_in_one_line(code, output, expected):
    said = gobuild_run.explain(code, output, "6.0 GiB")
    assert expected in said
    assert "\n" not in said
    assert "{" not in said


def test_progress_says_how_far_it_is(arguments, monkeypatch):
    monkeypatch.setenv("FAKE_GO_SLEEP", "0.3")
    monkeypatch.setattr(gobuild_run, "_REPORT_SECONDS", 0.1)
    lines: list[str] = []
    build(**arguments, progress=lines.append)
    assert any("compiled 0 of 1 packages" in line for line in lines), lines
    assert all(line.startswith("Hello 1.0: ") and len(line) < 100 for line in lines), textwrap.indent(
        str(lines), " "
    )
