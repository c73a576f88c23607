"""`understudy show`: settings and their origin, from files, shell and git alone."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from understudy.cli.main import main
from understudy.environments.program import text_of
from understudy.environments.stackfile import read_config
from understudy.errors import InvalidInputError

REPO = Path(__file__).parents[2]

Show = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose program is this one's, with stack files of its own."""
    (tmp_path / "Pulumi.yaml").write_text((REPO / "Pulumi.yaml").read_text())
    folder = tmp_path / "stacks"
    folder.mkdir()
    for module in (REPO / "stacks").glob("*.py"):
        (folder / module.name).symlink_to(module)
    (folder / "config").mkdir()
    return tmp_path


@pytest.fixture
def show(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    monkeypatch.chdir(project)
    for name in ("AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["show", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def config(project: Path, stack: str, text: str) -> None:
    (project / "stacks" / "config" / f"Pulumi.{stack}.yaml").write_text(text)


def settings(show: Show, stack: str, *more: str) -> dict[str, dict[str, Any]]:
    code, out, err = show(stack, "--json", *more)
    assert code == 0, err
    return {one["name"]: one for one in json.loads(out)["settings"]}


def test_a_preview_needs_no_file(show: Show) -> None:
    found = settings(show, "feature-x", "--resolved")
    assert found["profile_name"]["value"] == "preview"
    assert found["profile.replicas"]["kind"] == "profile"
    assert found["profile.replicas"]["reason"] and found["profile.replicas"]["owner"]
    assert found["profile.queue_visibility"]["kind"] == "production"
    assert found["expires_at"]["where"] == "72 h after it is created"
    assert found["images"]["value"] == {}


def test_file_shell_and_override_are_told_apart(
    show: Show, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config(
        project,
        "staging",
        """
config:
  understudy:owner: payments
  understudy:alertEmails: [ops@example.com]
  understudy:overrides:
    - field: drain
      value: 10
      owner: payments
      reason: slow consumer
      expires: "2027-01-31"
""",
    )
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    found = settings(show, "staging", "--resolved")
    assert found["owner"]["value"] == "payments"
    assert found["owner"]["where"] == "Pulumi.staging.yaml"
    assert found["alert_emails"]["value"] == ["ops@example.com"]
    assert (found["region"]["value"], found["region"]["where"]) == ("us-east-1", "AWS_REGION")
    drain = found["profile.drain"]
    assert (drain["value"], drain["kind"], drain["reason"]) == (10, "override", "slow consumer")
    assert drain["unit"] == "seconds"


def test_without_resolved_only_what_sets_it_apart(show: Show) -> None:
    every, few = settings(show, "feature-x", "--resolved"), settings(show, "feature-x")
    assert set(few) < set(every)
    assert "profile.replicas" in few
    assert "profile.queue_visibility" not in few and "release" not in few


def test_the_table_says_value_and_origin_on_one_line(show: Show) -> None:
    code, out, _ = show("feature-x", "--resolved")
    assert code == 0
    (line,) = (line for line in out.splitlines() if line.startswith("profile.drain"))
    assert "5 seconds" in line and "profile preview: short queues are drained quickly" in line
    (line,) = (line for line in out.splitlines() if line.startswith("profile.queue_retention"))
    assert line.split() == ["profile.queue_retention", "345600", "seconds", "production"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("config:\n  understudy:ownr: x\n", "understudy:ownr is no key that is known (did you mean owner?)"),
        ("config:\n  understudy:owner: {secure: v1:abc}\n", "understudy:owner is encrypted"),
        ("config:\n  understudy:createdAt: yesterday\n", "understudy:createdAt is 'yesterday'"),
        ("config:\n  aws:region: 7\n", "aws:region is '7'"),
        ("config: [1]\n", "has no configuration that is one"),
        ("config: {\n", "can't be read"),
        ("[]\n", "has no configuration that is one"),
    ],
)
def test_a_wrong_file_is_one_line_and_code_2(show: Show, project: Path, text: str, expected: str) -> None:
    config(project, "feature-x", text)
    code, out, err = show("feature-x", "--resolved")
    assert (code, out) == (2, "")
    assert expected in err
    assert err.count("\n") == 1


def test_a_name_that_is_none_is_refused(show: Show) -> None:
    assert show("Feature")[0] == 2
    assert show("feature/x")[0] == 2


def test_credentials_in_a_kubeconfig_are_not_shown(show: Show, project: Path) -> None:
    config(project, "feature-x", "config:\n  kubernetes:kubeconfig: |\n    users:\n    - token: hunter2\n")
    code, out, _ = show("feature-x", "--resolved")
    assert code == 0
    assert "hunter2" not in out and "hunter2" not in show("feature-x", "--json")[1]


def test_neither_engine_nor_cloud_nor_credentials_are_asked_for(tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "UNDERSTUDY_DATA_DIR": str(tmp_path / "none")}
    command = [sys.executable, "-m", "understudy", "show", "production", "--resolved", "--json"]
    ran = subprocess.run(command, cwd=REPO, env=environ, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert {one["name"] for one in json.loads(ran.stdout)["settings"]} >= {"region", "profile.protect"}
    assert not (tmp_path / "none").exists()


def test_the_program_is_not_imported_at_start_up() -> None:
    code = (
        "import sys, understudy.cli.main; print([m for m in ('resolution', 'profiles') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_file_is_read_as_the_program_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.x.yaml"
    assert read_config(path) == {}
    path.write_text(
        "encryptionsalt: v1:x\nconfig:\n  a:b: 1\n  a:c: true\n  a:d: {x: [1]}\n  a:e: {secure: y}\n"
    )
    assert read_config(path) == {"a:b": "1", "a:c": "true", "a:d": '{"x": [1]}', "a:e": None}
    path.write_text("")
    assert read_config(path) == {}
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInputError):
        read_config(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), ([], "none"), (True, "yes"), (0, "0"), (["a", "b"], "a, b"), ({"cpu": 50}, "cpu 50")],
)
def test_values_as_people_read_them(value: Any, text: str) -> None:
    assert text_of(value) == text
