"""A name that can't be an environment's is refused before anything is made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.naming import ENVIRONMENT_LIMIT, is_label
from understudy.cli import main
from understudy.environments.up import environment_name
from understudy.errors import InvalidInputError

BAD = (
    "",
    "feature/x",
    "../x",
    "/",
    "a" * 300,
    "Ünï",
    "$(id)",
    "a;rm -rf .",
    "a b",
    "a\nb",
    "A",
    "a--b",
    "a-",
    "1a",
    "-",
)


@given(st.text(max_size=80))
def test_a_name_is_taken_as_it_is_or_refused_in_one_line(text: str) -> None:
    try:
        name = environment_name(text)
    except InvalidInputError as error:
        assert "\n" not in str(error)
        assert error.exit_code == 2
    else:
        assert name == text
        assert is_label(name) and len(name) <= ENVIRONMENT_LIMIT


@pytest.mark.parametrize("command", ["up", "down"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_ends_with_2_and_makes_nothing(
    name: str,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(data))
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    monkeypatch.chdir(tmp_path)
    assert main([command, "--", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ") and captured.err.count("\n") == 1
    assert not data.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["Pulumi.yaml"]


def test_outside_a_project_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UNDERSTUDY_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert main(["up", "feature-x"]) == 2
    assert "no Pulumi.yaml in" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
