"""Which plugins the packages in a program's Python need."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.engine.host.install import install_commands
from localcloud.engine.host.options import Options, OptionsError
from localcloud.engine.host.packages import (
    Requirement,
    installed,
    plugin_version,
    required_plugins,
    requirements,
)

_HERE = Options(root=Path("/"), program=Path("/"), virtualenv=Path(sys.prefix))


@pytest.mark.parametrize(
    ("package", "plugin"),
    [
        ("1.2.3", "1.2.3"),
        ("1.0", "1.0.0"),
        ("1.2.3a4", "1.2.3-alpha.4"),
        ("1.2.3b4", "1.2.3-beta.4"),
        ("1.2rc4", "1.2.0-rc.4"),
        ("1.2.3.post4", "1.2.3+post4"),
        ("1.2.3.post4.dev5", "1.2.3+post4dev5"),
        ("1.2.3.dev5", "1.2.3+dev5"),
        ("1!2.3", None),
        ("", None),
        ("one", None),
    ],
)
def test_a_package_s_version_as_a_plugin_s(package, plugin):
    assert plugin_version(package) == plugin


@given(st.text(max_size=12))
def test_no_version_is_an_error(text):
    version = plugin_version(text)
    assert version is None or version.count(".") >= 2


def test_the_rules_of_the_official_host():
    assert requirements(
        [
            {
                "package": "pulumi-aws",
                "version": "7.5.0",
                "plugin": {"resource": True, "name": "aws", "version": "7.5.1"},
            },
            {"package": "pulumi-other", "version": "1.0", "plugin": {"resource": True}},
            {
                "package": "vendor",
                "version": "2.0.0",
                "plugin": {"resource": True, "server": "https://v.invalid"},
            },
            {"package": "pulumi-old", "version": "3.0.0", "plugin": None},
            {"package": "pulumi-policy", "version": "1.0.0", "plugin": None},
            {"package": "pulumi-library", "version": "1.0.0", "plugin": {"resource": False}},
            {"package": "pulumi-strange", "version": "1!0", "plugin": {"resource": True}},
        ]
    ) == [
        Requirement(name="aws", version="v7.5.1"),
        Requirement(name="other", version="v1.0.0"),
        Requirement(name="vendor", version="v2.0.0", server="https://v.invalid"),
        Requirement(name="old", version="v3.0.0"),
    ]


def _fake_package(folder: Path, module: str, plugin: dict) -> None:
    (folder / module).mkdir(parents=True)
    (folder / module / "pulumi-plugin.json").write_text(json.dumps(plugin))


def test_packages_are_found_where_the_program_s_python_looks(tmp_path):
    _fake_package(tmp_path, "acme_cloud", {"resource": True, "name": "acme", "version": "1.2.3"})
    (tmp_path / "pulumi_legacy-4.5.dist-info").mkdir()
    found = {plugin.name: plugin.version for plugin in required_plugins(_HERE, {"PYTHONPATH": str(tmp_path)})}
    assert found["acme"] == "v1.2.3"
    assert found["legacy"] == "v4.5.0"
    assert "policy" not in found
    assert "pulumi" not in found


def test_with_downloads_off_only_plugins_of_this_machine_are_asked_for(tmp_path):
    for name in ("acme", "beta", "gamma"):
        _fake_package(tmp_path / "site", name, {"resource": True, "version": "1.2.3"})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi-resource-acme").touch(0o755)
    (tmp_path / "home" / "plugins" / "resource-beta-v1.0.0").mkdir(parents=True)
    env = {
        "PYTHONPATH": str(tmp_path / "site"),
        "PATH": str(tmp_path / "bin"),
        "PULUMI_HOME": str(tmp_path / "home"),
    }
    wanted = {"acme", "beta", "gamma"}
    assert wanted <= {plugin.name for plugin in required_plugins(_HERE, env)}
    env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] = "true"
    assert wanted & {plugin.name for plugin in required_plugins(_HERE, env)} == {"acme", "beta"}


def test_with_downloads_off_a_plugin_s_folder_asks_for_none(tmp_path):
    """The engine would download even those that are on PATH."""
    _fake_package(tmp_path / "site", "acme", {"resource": True, "version": "1.2.3"})
    (tmp_path / "home" / "plugins" / "resource-acme-v1.2.3").mkdir(parents=True)
    env = {"PYTHONPATH": str(tmp_path / "site"), "PULUMI_HOME": str(tmp_path / "home")}
    options = replace(_HERE, root=tmp_path)
    off = {**env, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}
    assert "acme" in {plugin.name for plugin in required_plugins(options, off)}
    (tmp_path / "PulumiPlugin.yaml").touch()
    assert required_plugins(options, off) == []
    assert "acme" in {plugin.name for plugin in required_plugins(options, env)}


def test_dependencies_with_and_without_those_of_others():
    everything = dict(installed(_HERE, {}, transitive=True))
    direct = dict(installed(_HERE, {}, transitive=False))
    assert everything["pulumi"] == "3.259.0"
    assert direct.items() < everything.items()
    assert "pulumi" not in direct, "the provider packages require it"


def test_a_python_that_cannot_answer_is_one_line(tmp_path):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho it is broken >&2\n")
    python.chmod(0o755)
    broken = Options(root=tmp_path, program=tmp_path, virtualenv=tmp_path)
    with pytest.raises(OptionsError, match="cannot list its packages: it is broken"):
        required_plugins(broken, {})


def test_what_pulumi_install_runs(tmp_path):
    program = tmp_path / "program"
    program.mkdir()
    venv = tmp_path / "venv"
    pip = Options(root=tmp_path, program=program, virtualenv=venv)
    assert [command[1:3] for command in install_commands(pip, is_plugin=False)] == [["-m", "venv"]]
    (tmp_path / "requirements.txt").touch()
    assert install_commands(pip, is_plugin=False)[-1][-2:] == ["-r", str(tmp_path / "requirements.txt")]
    (program / "requirements.txt").touch()
    assert install_commands(pip, is_plugin=False)[-1][-2:] == ["-r", str(program / "requirements.txt")]
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    assert len(install_commands(pip, is_plugin=False)) == 1
    (program / "pyproject.toml").touch()
    assert [str(program)] == install_commands(pip, is_plugin=True)[0][-1:]
    assert install_commands(Options(root=tmp_path, program=program), is_plugin=False) == []
    uv = Options(root=tmp_path, program=program, toolchain="uv", virtualenv=venv)
    assert install_commands(uv, is_plugin=False) == [["uv", "sync"]]
    (program / "pyproject.toml").unlink()
    assert install_commands(uv, is_plugin=False) == [
        ["uv", "pip", "install", "-r", str(program / "requirements.txt")]
    ]
