"""The command line: exit codes, one-line errors, no secret and no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from localcloud import config, lifecycle
from localcloud.errors import LocalCloudError
from understudy.cli import main
from understudy.cli.main import app
from understudy.errors import RefusedError


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(tmp_path / "data"))
    for name in ("UNDERSTUDY_LOCAL", "UNDERSTUDY_DEBUG", "UNDERSTUDY_KUBE_CONTEXT", "UNDERSTUDY_POSTGRES"):
        monkeypatch.delenv(name, raising=False)


def _error(capsys: pytest.CaptureFixture[str]) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("•")]
    assert len(lines) == 1 and lines[0].startswith("error: ")
    return lines[0]


def test_help_is_quick():
    begun = time.monotonic()
    answer = subprocess.run(
        [sys.executable, "-m", "understudy", "--help"], capture_output=True, text=True, check=True
    )
    took = time.monotonic() - begun
    assert "local" in answer.stdout
    assert took < 5  # 0.25 s on an idle machine


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from understudy.cli import main; main(['--help']); "
        "print([m for m in ('boto3', 'pulumi', 'kubernetes', 'moto', 'pydantic', 'psycopg', 'grpc') "
        "if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


def test_version(capsys: pytest.CaptureFixture[str]):
    assert main(["version"]) == 0
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["local", "nonsense"], ["local", "up", "--nope"], ["env", "--shell", "x"]]
)
def test_wrong_usage_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    _error(capsys)


def test_env_without_a_local_cloud(capsys: pytest.CaptureFixture[str]):
    assert main(["env"]) == 2
    assert "understudy local up" in _error(capsys)


def test_env_with_a_damaged_description(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "data").mkdir()
    config.path_in(tmp_path / "data").write_text("{")
    assert main(["env"]) == 1
    assert "damaged" in _error(capsys)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--postgres", "postgres://u:canary@8.8.8.8/x"], "not this machine"),
        (["--redis", "http://:canary@127.0.0.1"], "--redis"),
        (["--kube-context", "k", "--host-address", "8.8.8.8"], "no address of this machine"),
        (["--host-address", "127.0.0.1"], "--kube-context"),
    ],
)
def test_bad_choices_are_code_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    assert main(["local", "up", *arguments]) == 2
    line = _error(capsys)
    assert message in line and "canary" not in line


def test_reset_wants_a_yes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main(["local", "reset"]) == 2
    assert "--yes" in _error(capsys)


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (LocalCloudError("moto is not ready"), 1, "error: moto is not ready"),
        (LocalCloudError("bad flag", invalid_input=True), 2, "error: bad flag"),
        (RefusedError("protected"), 6, "error: protected"),
        (
            ValueError("two\nlines postgres://u:canary@h/x"),
            1,
            "error: ValueError: two lines postgres://u:***@h/x",
        ),
        (KeyboardInterrupt(), 130, "cancelled; the same command goes on from here\n"),
    ],
)
def test_errors(
    error: BaseException,
    code: int,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(lifecycle.LocalCloudLifecycle, "status", fail)
    assert main(["local", "status"]) == code
    assert capsys.readouterr().err.startswith(shown)
    assert main(["--debug", "local", "status"]) == code
    text = capsys.readouterr().err
    assert ("Traceback" in text) is isinstance(error, Exception)
    assert "canary" not in text


def test_status_of_nothing(capsys: pytest.CaptureFixture[str]):
    assert main(["local", "status", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["running"] is False
    assert {"name": "aws (moto)", "running": False, "detail": ""} in content["servers"]


def test_a_reader_that_has_seen_enough():
    script = f"{sys.executable} -m understudy --help | true"
    answer = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert "Traceback" not in answer.stderr


def test_every_command_has_help(capsys: pytest.CaptureFixture[str]):
    assert app.info.help
    for command in (["local", "up"], ["local", "status"], ["local", "down"], ["local", "reset"], ["env"]):
        assert main([*command, "--help"]) == 0
        assert len(capsys.readouterr().out.splitlines()) > 4
