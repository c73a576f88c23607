"""A state file cut short is replaced by the one before it, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.environments.checkpoint import remove_partial, restore_torn


def put(state: Path, current: str, backup: str | None) -> Path:
    folder = state / ".pulumi" / "stacks" / "understudy"
    folder.mkdir(parents=True)
    path = folder / "feature-x.json"
    path.write_text(current)
    if backup is not None:
        (folder / "feature-x.json.bak").write_text(backup)
    return path


@pytest.mark.parametrize("torn", ["", '{"version": 3, "checkp'])
def test_a_torn_state_is_replaced(tmp_path: Path, torn: str) -> None:
    path = put(tmp_path, torn, '{"version": 3}')
    assert restore_torn(tmp_path, "understudy", "feature-x")
    assert path.read_text() == '{"version": 3}'


@pytest.mark.parametrize(("current", "backup"), [('{"a": 1}', '{"a": 0}'), ("", None), ("", "{")])
def test_anything_else_stays(tmp_path: Path, current: str, backup: str | None) -> None:
    path = put(tmp_path, current, backup)
    assert not restore_torn(tmp_path, "understudy", "feature-x")
    assert path.read_text() == current


def test_no_stack_no_state(tmp_path: Path) -> None:
    assert not restore_torn(tmp_path, "understudy", "feature-x")


def test_what_was_half_written_goes_and_nothing_else(tmp_path: Path) -> None:
    state = put(tmp_path, "{}", "{}")
    locks = tmp_path / ".pulumi" / "locks" / "organization" / "understudy" / "feature-x"
    locks.mkdir(parents=True)
    partial = [state.with_name("feature-x.json.18ead5658a4e6ebb.tmp"), locks / "0f.json.18ead5658a4e6ebb.tmp"]
    others = [state, state.with_name("feature-xy.json.18ead5658a4e6ebb.tmp"), locks / "0f.json"]
    for path in (*partial, *others[1:]):
        path.write_text("{}")
    remove_partial(tmp_path, "understudy", "feature-x")
    assert [path for path in partial if path.exists()] == []
    assert [path for path in others if not path.exists()] == []


@pytest.mark.parametrize("content", ["", '{"user.content_ty'])
def test_notes_on_files_go_when_they_are_cut_short(tmp_path: Path, content: str) -> None:
    state = put(tmp_path, "{}", "{}")
    torn, whole = state.with_name("feature-x.json.attrs"), state.with_name("feature-x.json.bak.attrs")
    torn.write_text(content)
    whole.write_text('{"md5": null}')
    remove_partial(tmp_path, "understudy", "feature-x")
    assert not torn.exists()
    assert whole.exists()
