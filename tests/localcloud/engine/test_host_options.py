"""The runtime options of a Pulumi.yaml."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine.host.options import OptionsError, parse_options


def _virtualenv(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return folder


def test_a_virtualenv_is_relative_to_the_project_not_to_the_program(tmp_path):
    venv = _virtualenv(tmp_path / ".venv")
    options = parse_options(str(tmp_path), str(tmp_path / "stacks"), {"virtualenv": ".venv"})
    assert options.virtualenv == venv
    assert options.python({}) == venv / "bin" / "python"
    assert parse_options(str(tmp_path / "deep"), "", {"virtualenv": "../.venv"}).virtualenv == venv
    assert parse_options(str(tmp_path), "", {"virtualenv": str(venv)}).virtualenv == venv


def test_a_virtualenv_is_activated(tmp_path):
    options = parse_options(str(tmp_path), "", {"virtualenv": "v"})
    env = options.environment({"PATH": "/usr/bin", "PYTHONHOME": "/x", "VIRTUAL_ENV": "/y", "KEPT": "1"})
    assert env == {"PATH": f"{tmp_path}/v/bin:/usr/bin", "VIRTUAL_ENV": f"{tmp_path}/v", "KEPT": "1"}
    assert options.environment({})["PATH"] == f"{tmp_path}/v/bin"


def test_without_a_virtualenv_the_python_on_path_runs_and_nothing_changes(tmp_path):
    options = parse_options(str(tmp_path), str(tmp_path), {})
    assert options.virtualenv is None
    assert options.environment({"PATH": "/usr/bin"}) == {"PATH": "/usr/bin"}
    for name in ("python3", "special"):
        (tmp_path / name).touch(0o755)
    assert options.python({"PATH": str(tmp_path)}) == tmp_path / "python3"
    assert options.python({"PATH": str(tmp_path), "PULUMI_PYTHON_CMD": "special"}) == tmp_path / "special"
    with pytest.raises(OptionsError, match="no python3 or python on PATH"):
        options.python({"PATH": str(tmp_path / "nothing")})


def test_a_plugin_never_runs_in_the_python_on_path(tmp_path):
    assert parse_options(str(tmp_path), "", {}, is_plugin=True).virtualenv == tmp_path / "venv"


def test_a_missing_virtualenv_is_named_with_what_to_do(tmp_path):
    with pytest.raises(OptionsError, match=r"'virtualenv' option .* /.*gone, .*`pulumi install`"):
        parse_options(str(tmp_path), "", {"virtualenv": "gone"}).python({})


def test_uv_is_found_by_its_lock_file(tmp_path):
    (tmp_path / "uv.lock").touch()
    options = parse_options(str(tmp_path / "infra"), str(tmp_path / "infra"), {})
    assert options.toolchain == "uv"
    assert options.virtualenv == tmp_path / ".venv"
    assert parse_options(str(tmp_path), "", {"toolchain": "pip"}).virtualenv is None


@given(st.text(min_size=1).filter(lambda text: text not in ("pip", "uv", "mypy", "pyright")))
def test_other_choices_are_refused_by_name(value):
    for name in ("toolchain", "typechecker"):
        with pytest.raises(OptionsError, match=f"the runtime option '{name}: "):
            parse_options("/p", "/p", {name: value})


@pytest.mark.parametrize("value", [3, None, ["x"], {"a": 1}, True])
@pytest.mark.parametrize("name", ["virtualenv", "toolchain", "typechecker"])
def test_an_option_that_is_no_string_is_refused_by_name(name, value):
    with pytest.raises(OptionsError, match=f"the runtime option '{name}' must be a string"):
        parse_options("/p", "/p", {name: value})


def test_an_option_of_a_newer_host_is_ignored():
    assert parse_options("/p", "/p", {"from-the-future": 3}) == parse_options("/p", "/p", {})
