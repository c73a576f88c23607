"""What a plain ``pulumi`` needs in its environment to use the local cloud."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.config import LOCATION_VARIABLE, LocalCloud, path_in
from localcloud.engine.acquire import place_engine
from localcloud.engine.host.wrapper import WRAPPER_NAME, wrapper_script
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic

if TYPE_CHECKING:
    from localcloud.engine.acquire import Engine

PLUGINS = ("aws", "kubernetes", "random")

# moto takes any key; these say in every log and state file that they open nothing.
ACCESS_KEY_ID = "local"
SECRET_ACCESS_KEY = "local"  # noqa: S105 - see above

# What would win over the settings above, or send a client elsewhere.
UNSET = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "PULUMI_CONFIG_PASSPHRASE")


def environment(
    data: Path,
    cloud: LocalCloud,
    engine: Engine,
    *,
    official_plugins: bool = False,
    env: Mapping[str, str] | None = None,
) -> dict[str, str | None]:
    """Variables to set, and with None those to unset, for the engine, plugins and AWS and Kubernetes tools.

    Writes what they point to: the plugins' executables, the folder of the state and the passphrase of
    its secrets. With `official_plugins` the engine takes the user's own installed plugins.
    """
    state = data / "state"
    state.mkdir(parents=True, exist_ok=True)
    current = (os.environ if env is None else env).get("PATH", os.defpath)
    return {
        "PATH": _path(_folders(data, engine, official_plugins), data, current),
        "PULUMI_BACKEND_URL": state.absolute().as_uri(),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(ensure_passphrase(data)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **({} if official_plugins else {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}),
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_REGION": cloud.region,
        "AWS_DEFAULT_REGION": cloud.region,  # boto3 reads this one
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": cloud.kubeconfig,
        LOCATION_VARIABLE: str(path_in(data)),
        **dict.fromkeys(UNSET),
    }


def write_plugins(data: Path, python: Path | None = None) -> Path:
    """Write the executables by which the engine finds the local plugins; returns their folder."""
    folder = data / "plugins"
    interpreter = python or Path(sys.executable)
    scripts = {WRAPPER_NAME: wrapper_script(interpreter)}
    for name in PLUGINS:
        # exec: the engine's signals reach the plugin itself. -P: nothing is imported from the folder that
        # the engine was started in.
        command = f'exec {shlex.quote(str(interpreter))} -P -m localcloud.plugin {name} "$@"'
        scripts[f"pulumi-resource-{name}"] = f"#!/bin/sh\n{command}\n"
    for name, text in scripts.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            write_atomic(path, text, 0o755)
    return folder


def ensure_passphrase(data: Path) -> Path:
    """The file with the passphrase of the local state's secrets; made once, readable by its owner only.

    Raises LocalCloudError when it is gone while there is state that needs it: another one opens nothing.
    """
    path = data / "passphrase"
    if not path.exists():
        if any((data / "state" / ".pulumi" / "stacks").glob("**/*.json")):
            raise LocalCloudError(
                f"{path} is gone, and the secrets in the environments' state can't be read without it; "
                "put it back, or begin anew with `understudy local reset`",
                invalid_input=True,
            )
        write_atomic(path, secrets.token_urlsafe(32), 0o600)
    return path


def shell_lines(variables: Mapping[str, str | None], shell: str) -> list[str]:
    """Commands that set `variables` in a shell: ``posix`` (bash, zsh, dash, …) or ``fish``.

    >>> shell_lines({"A": "b c", "D": None}, "posix")
    ["export A='b c'", 'unset D']
    """
    if shell == "fish":
        return [
            f"set -e {name}" if value is None else _fish(name, value) for name, value in variables.items()
        ]
    return [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
    ]


def applied(variables: Mapping[str, str | None], env: Mapping[str, str]) -> dict[str, str]:
    """`env` with `variables` set and unset, for a process to be started."""
    merged = {**env, **{name: value for name, value in variables.items() if value is not None}}
    return {name: value for name, value in merged.items() if variables.get(name, "") is not None}


def _folders(data: Path, engine: Engine, official_plugins: bool) -> list[Path]:
    """The folders that PATH begins with."""
    if official_plugins:
        return [] if engine.source == "path" else [engine.bin_dir]
    plugins = write_plugins(data)
    if engine.source == "build":
        # Beside the language host, which the engine then takes as its own; elsewhere it warns in every run.
        return [place_engine(engine, plugins).bin_dir]
    return [plugins] if engine.source == "path" else [plugins, engine.bin_dir]


def _path(folders: list[Path], data: Path, current: str) -> str:
    ours = {str(folder) for folder in (*folders, data / "plugins")}
    rest = [entry for entry in current.split(os.pathsep) if entry and entry not in ours]
    return os.pathsep.join([*(str(folder) for folder in folders), *rest])


def _fish(name: str, value: str) -> str:
    words = value.split(os.pathsep) if name == "PATH" else [value]
    quoted = (word.replace("\\", "\\\\").replace("'", "\\'") for word in words)
    return " ".join(["set -gx", name, *(f"'{word}'" for word in quoted)])
