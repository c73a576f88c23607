"""The language host as a server: started as the engine starts it, and asked over gRPC."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from localcloud.engine.host.wrapper import wrapper_script
from localcloud.engine.versions import PINNED

pytestmark = pytest.mark.enable_socket


class Host:
    """A running language host."""

    def __init__(self, folder: Path) -> None:
        wrapper = folder / "host"
        wrapper.write_text(wrapper_script(Path(sys.executable)))
        wrapper.chmod(0o755)
        self.process = subprocess.Popen(
            [wrapper, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        self.stub = language_pb2_grpc.LanguageRuntimeStub(self.channel)

    def end(self, number: int = signal.SIGINT) -> tuple[str, str]:
        """Send a signal; return what was printed since the port."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    running = Host(tmp_path)
    yield running
    running.channel.close()
    running.process.kill()
    running.process.wait()


def _info(folder: Path, **options: str | float) -> language_pb2.ProgramInfo:
    struct = Struct()
    for name, value in {"virtualenv": sys.prefix, **options}.items():
        struct[name] = value
    return language_pb2.ProgramInfo(
        root_directory=str(folder), program_directory=str(folder), entry_point=".", options=struct
    )


def _plugin(folder: Path, program: str, **fields) -> language_pb2.RunPluginRequest:
    folder.mkdir()
    (folder / "__main__.py").write_text(program)
    return language_pb2.RunPluginRequest(info=_info(folder), pwd=str(folder), kind="resource", **fields)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly_and_soon(host: Host, number: int):
    assert host.stub.GetPluginInfo(empty_pb2.Empty()).version == str(PINNED)
    began = time.monotonic()
    assert host.end(number) == ("", "")
    assert host.process.returncode == 0
    assert time.monotonic() - began < 3


def test_it_needs_little_memory(host: Host):
    status = Path(f"/proc/{host.process.pid}/status")
    if not status.exists():
        pytest.skip("looks into /proc")
    host.stub.GetPluginInfo(empty_pb2.Empty())
    resident = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 60 * 1024, resident


def test_it_does_not_import_the_sdk():
    code = (
        "import sys\n"
        "import localcloud.engine.host.service\n"
        "print([name for name in sys.modules if name.startswith('pulumi.')])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "language_pb2_grpc" in ran.stdout
    assert "pulumi.resource'" not in ran.stdout
    assert "pulumi.runtime.stack'" not in ran.stdout


def test_a_plugin_s_output_environment_and_exit_code_arrive(host: Host, tmp_path: Path):
    program = (
        "import os, sys\nprint(os.environ['GIVEN'], sys.argv[1:])\nprint('no', file=sys.stderr)\nsys.exit(3)"
    )
    request = _plugin(tmp_path / "plugin", program, args=["127.0.0.1:5"], env=["GIVEN=a=b"])
    answers = list(host.stub.RunPlugin(request))
    assert b"".join(answer.stdout for answer in answers) == b"a=b ['127.0.0.1:5']\n"
    assert b"".join(answer.stderr for answer in answers) == b"no\n"
    assert answers[-1].WhichOneof("output") == "exitcode"
    assert answers[-1].exitcode == 3


def test_the_host_s_own_grpc_settings_are_not_inherited(host: Host, tmp_path: Path):
    program = "import os\nprint([name for name in os.environ if name.startswith('GRPC_')])"
    answers = list(host.stub.RunPlugin(_plugin(tmp_path / "plugin", program)))
    inherited = [name for name in os.environ if name.startswith("GRPC_")]
    assert answers[0].stdout.decode().strip() == str(inherited)


def _eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def _stops_a_plugin(host: Host, tmp_path: Path, stop: Callable[[Any], object]) -> None:
    pid_file = tmp_path / "pid"
    program = f"""
import os, pathlib, time
pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))
print(1, flush=True)
time.sleep(60)
"""
    stream = host.stub.RunPlugin(_plugin(tmp_path / "plugin", program))
    assert next(stream).stdout == b"1\n"
    pid = int(pid_file.read_text())
    stop(stream)
    assert _eventually(lambda: not Path(f"/proc/{pid}").exists())


@pytest.mark.parametrize(
    "how",
    ["the engine drops the call", "the engine cancels", "the host is interrupted", "the host is killed"],
)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_plugin_ends_when(host: Host, tmp_path: Path, how: str):
    stops: dict[str, Callable[[Any], object]] = {
        "the engine drops the call": lambda stream: stream.cancel(),
        "the engine cancels": lambda _stream: host.stub.Cancel(empty_pb2.Empty()),
        "the host is interrupted": lambda _stream: host.process.send_signal(signal.SIGINT),
        "the host is killed": lambda _stream: host.process.kill(),
    }
    _stops_a_plugin(host, tmp_path, stops[how])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_program_ends_when_the_engine_drops_the_call(host: Host, tmp_path: Path):
    # Stands for a Python that runs the program: it waits for the end of the descriptor that it was given.
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\neval "cat <&$2" >/dev/null &\necho $! >{tmp_path}/pid\nwait\n')
    python.chmod(0o755)
    request = language_pb2.RunRequest(info=_info(tmp_path, virtualenv="venv"), project="p", stack="s")
    call = host.stub.Run.future(request)
    pid_file = tmp_path / "pid"
    assert _eventually(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    pid = int(pid_file.read_text())
    call.cancel()
    assert _eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_the_host_ends_when_the_engine_is_gone(tmp_path: Path):
    # The shell stands for the engine: it starts the host and is killed.
    wrapper = tmp_path / "host"
    wrapper.write_text(wrapper_script(Path(sys.executable)))
    command = ["sh", "-c", 'sh "$0" 127.0.0.1:1 & wait', str(wrapper)]
    engine = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert engine.stdout is not None
    assert engine.stdout.readline().strip().isdigit(), "the host serves"
    engine.kill()
    engine.wait()
    began = time.monotonic()
    # The pipe ends when the last process that holds its other end has ended: the host.
    assert engine.stdout.read() == ""
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"toolchain": "poetry"}, "the runtime option 'toolchain: poetry' is not supported; use pip or uv"),
        ({"typechecker": "ty"}, "the runtime option 'typechecker: ty' is not supported"),
        ({"virtualenv": "gone"}, "which holds no Python"),
        ({"virtualenv": 3}, "the runtime option 'virtualenv' must be a string"),
    ],
)
def test_bad_options_are_said_by_run_and_nowhere_else(host: Host, tmp_path: Path, options, said):
    info = _info(tmp_path, **options)
    assert not host.stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=info)).packages
    answer = host.stub.Run(language_pb2.RunRequest(info=info, project="p", stack="s"))
    assert said in answer.error
    assert not answer.bail
    with pytest.raises(grpc.RpcError) as caught:
        host.stub.About(language_pb2.AboutRequest(info=info))
    assert said in (caught.value.details() or "")


def test_a_type_checker_that_fails_stops_the_run(host: Host, tmp_path: Path):
    (tmp_path / "__main__.py").write_text("open('ran', 'w')")
    checker = tmp_path / "mypy.py"
    checker.write_text("import sys\nsys.exit(1)")
    venv = tmp_path / "venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    (venv / "python").chmod(0o755)
    info = _info(tmp_path, virtualenv="venv", typechecker="mypy")
    answer = host.stub.Run(language_pb2.RunRequest(info=info, project="p", stack="s"))
    assert answer.error == f"mypy failed with exit code 1 on {tmp_path}"
    assert not (tmp_path / "ran").exists()


def test_a_python_without_the_sdk_is_said_with_what_to_do(tmp_path: Path):
    bare = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", bare], check=True)
    host = Host(tmp_path)
    (tmp_path / "__main__.py").write_text("")
    request = language_pb2.RunRequest(info=_info(tmp_path, virtualenv="venv"), project="p", stack="s")
    assert host.stub.Run(request).error == "program exited with non-zero exit code: 1"
    _, errors = host.end()
    assert f"the Pulumi SDK has not been installed in {bare}" in errors
    assert "pulumi install" in errors


def test_a_folder_that_is_no_plugin_is_one_line(host: Host, tmp_path: Path):
    request = language_pb2.RunPluginRequest(info=_info(tmp_path), pwd=str(tmp_path), kind="resource")
    with pytest.raises(grpc.RpcError) as caught:
        list(host.stub.RunPlugin(request))
    assert "is no plugin that can be run" in (caught.value.details() or "")
    (tmp_path / "pyproject.toml").write_text("broken")
    with pytest.raises(grpc.RpcError) as caught:
        list(host.stub.RunPlugin(request))
    assert "pyproject.toml cannot be read" in (caught.value.details() or "")


def test_debuggers_and_code_generation_are_refused_by_name(host: Host, tmp_path: Path):
    answer = host.stub.Run(language_pb2.RunRequest(info=_info(tmp_path), attach_debugger=True))
    assert "cannot attach a debugger" in answer.error
    with pytest.raises(grpc.RpcError) as caught:
        host.stub.GeneratePackage(language_pb2.GeneratePackageRequest())
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert "generate" in (caught.value.details() or "")
