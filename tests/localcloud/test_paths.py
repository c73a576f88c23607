"""The cache and data folders, and the id of an instance."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud import paths


@pytest.mark.parametrize(
    ("function", "variable"),
    [(paths.cache_dir, "UNDERSTUDY_CACHE_DIR"), (paths.data_dir, "UNDERSTUDY_DATA_DIR")],
)
def test_the_variable_wins_and_an_empty_one_does_not(function, variable):
    assert function({variable: "/somewhere/else"}) == Path("/somewhere/else")
    assert function({variable: ""}) == function({})
    assert function({}).name == "understudy"


def test_a_relative_folder_becomes_absolute(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert paths.data_dir({"UNDERSTUDY_DATA_DIR": "data"}) == tmp_path / "data"


def test_the_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("UNDERSTUDY_CACHE_DIR", "/from/the/process")
    assert paths.cache_dir() == Path("/from/the/process")


def test_two_spellings_of_one_folder_are_one_instance(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert paths.instance_id(tmp_path / "link") == paths.instance_id(tmp_path / "real" / ".." / "real")


_NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(first=_NAMES, second=_NAMES)
def test_an_instance_id_is_eight_hex_digits_and_differs_between_folders(first, second):
    one, two = paths.instance_id(Path("/srv/a") / first), paths.instance_id(Path("/srv/a") / second)
    assert re.fullmatch(r"[0-9a-f]{8}", one)
    same_folder = (Path("/srv/a") / first).resolve() == (Path("/srv/a") / second).resolve()
    assert (one == two) == same_folder
