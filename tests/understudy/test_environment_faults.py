"""What a failed update says: one line, the telling one."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.environments.events import Problem
from understudy.environments.faults import (
    EngineError,
    PassphraseError,
    explain,
    first,
    is_passphrase_mismatch,
)
from understudy.environments.stackfile import drop_salt, stack_file


def test_the_telling_problem_is_named_and_the_engines_closing_lines_are_not_counted() -> None:
    problems = [
        Problem("update failed"),
        Problem("an unhandled error occurred: program exited with non-zero exit code: 1"),
        Problem("no subnet is free", "nodes"),
    ]
    assert first(problems) == "nodes: no subnet is free"
    assert first([*problems, Problem("too small", "orders")]) == "nodes: no subnet is free (and 1 more)"
    assert first(problems[:1]) == "update failed"


def test_the_engines_last_error_line_is_taken() -> None:
    output = (
        "code: 255\nstdout: x\nstderr: \nwarning: using a\n<{%fg 1%}>error: <{%reset%}>the disk is full\n"
    )
    assert explain(output) == "the disk is full"


def test_a_wrong_passphrase_is_wrong_configuration_and_names_its_file() -> None:
    assert is_passphrase_mismatch("error: get stack secrets manager: incorrect passphrase")
    error = PassphraseError("feature-x", "/data/passphrase")
    assert error.exit_code == 2
    assert "feature-x: the passphrase in /data/passphrase does not open" in str(error)


def test_all_problems_are_kept_for_whoever_asks() -> None:
    error = EngineError("one", [Problem("one", details="line 1\nline 2"), Problem("two", "orders")])
    assert error.details == "line 1\nline 2\norders: two"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: p\nstackConfigDir: config\n")
    (tmp_path / "config").mkdir()
    return tmp_path


def test_a_salt_of_an_earlier_passphrase_is_dropped(project: Path) -> None:
    file = stack_file(project, "feature-x")
    assert file == project / "config" / "Pulumi.feature-x.yaml"
    assert not drop_salt(project, "feature-x")
    file.write_text("encryptionsalt: v1:abc\nconfig:\n  p:createdAt: now\n")
    assert drop_salt(project, "feature-x")
    assert file.read_text() == "config:\n  p:createdAt: now\n"
    assert not drop_salt(project, "feature-x")


def test_a_salt_that_secrets_still_need_stays(project: Path) -> None:
    file = stack_file(project, "feature-x")
    text = "encryptionsalt: v1:abc\nconfig:\n  p:token:\n    secure: v1:def\n"
    file.write_text(text)
    assert not drop_salt(project, "feature-x")
    assert file.read_text() == text
