"""Which Pulumi packages a program's Python holds, and which plugins they need."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.engine.host.options import Options, OptionsError

__all__ = [
    "Requirement",
    "installed",
    "on_this_machine",
    "plugin_version",
    "required_plugins",
    "requirements",
]

_QUERY = Path(__file__).with_name("query.py")
_QUERY_SECONDS = 60.0
_NO_DOWNLOADS = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
# Known not to have a plugin, whatever their name says.
_WITHOUT_PLUGIN = frozenset({"pulumi-policy", "pulumi-esc-sdk"})
_VERSION = re.compile(
    r"(?P<release>\d+(?:\.\d+)*)(?:(?P<pre>a|b|rc)(?P<number>\d+))?"
    r"(?:\.post(?P<post>\d+))?(?:\.dev(?P<dev>\d+))?"
)
_PRE = {"a": "alpha", "b": "beta", "rc": "rc"}


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A resource plugin that a program needs.

    Attributes:
        name: the plugin's name, e.g. ``aws``.
        version: with the leading ``v``.
        server: where it is published, when not at the usual place.
        parameterization: ``name``, ``version`` and ``value`` of a plugin made from a base plugin.
    """

    name: str
    version: str
    server: str = ""
    parameterization: Mapping[str, str] | None = None


def required_plugins(options: Options, env: Mapping[str, str]) -> list[Requirement]:
    """Return the plugins of all Pulumi packages in the program's Python.

    Where the engine is told to download no plugin, those that are not on this machine are left out: the
    engine would try to install them in some commands all the same, and fail, though most programs use few
    of the packages that happen to be installed. One that is used is asked for again by its resources. For a
    plugin's folder the engine would even install those that are on PATH, so none is named.

    Raises:
        OptionsError: there is no such Python, or it cannot be asked.
    """
    found = requirements(_ask(options, env, "plugins"))
    if env.get(_NO_DOWNLOADS, "").lower() not in ("1", "true"):
        return found
    if (options.root / "PulumiPlugin.yaml").is_file():
        return []
    return [plugin for plugin in found if on_this_machine(plugin.name, env)]


def on_this_machine(plugin: str, env: Mapping[str, str]) -> bool:
    """Say whether the engine finds this resource plugin without a download: on PATH or in its home."""
    if shutil.which(f"pulumi-resource-{plugin}", path=env.get("PATH", os.defpath)):
        return True
    home = env.get("PULUMI_HOME") or Path(env.get("HOME", "~")).expanduser() / ".pulumi"
    return any(Path(home, "plugins").glob(f"resource-{plugin}-v*"))


def installed(options: Options, env: Mapping[str, str], *, transitive: bool) -> list[tuple[str, str]]:
    """Return name and version of the distributions in the program's Python.

    Args:
        options: the program's options.
        env: the host's environment.
        transitive: with those that are there only because another one requires them.
    """
    answer = _ask(options, env, "all" if transitive else "direct")
    return [(entry["name"], entry["version"]) for entry in answer]


def requirements(packages: Iterable[Mapping[str, Any]]) -> list[Requirement]:
    """Turn what query.py found into plugins, by the official host's rules.

    A package whose ``pulumi-plugin.json`` says ``"resource": false`` has none; name and version that the file
    leaves out come from the package.
    """
    found = []
    for package in packages:
        name = package["package"]
        plugin = package["plugin"]
        if name in _WITHOUT_PLUGIN or (plugin is not None and not plugin.get("resource")):
            continue
        plugin = plugin or {}
        version = plugin.get("version") or plugin_version(package["version"])
        if not version:
            continue
        found.append(
            Requirement(
                name=plugin.get("name") or name.removeprefix("pulumi-"),
                version=version if version.startswith("v") else f"v{version}",
                server=plugin.get("server") or "",
                parameterization=plugin.get("parameterization"),
            )
        )
    return found


def plugin_version(package_version: str) -> str | None:
    """Return the plugin's version for a Python package's, or nothing where that cannot be told.

    Example:
        >>> plugin_version("1.2rc4")
        '1.2.0-rc.4'
    """
    match = _VERSION.fullmatch(package_version)
    if match is None:
        return None
    segments = match["release"].split(".")
    version = ".".join(segments + ["0"] * (3 - len(segments)))
    if match["pre"]:
        version += f"-{_PRE[match['pre']]}.{match['number']}"
    build = "".join(f"{kind}{match[kind]}" for kind in ("post", "dev") if match[kind])
    return f"{version}+{build}" if build else version


def _ask(options: Options, env: Mapping[str, str], what: str) -> Any:
    python = options.python(env)
    asked = subprocess.run(
        [str(python), str(_QUERY), what],
        env=options.environment(env),
        cwd=options.program,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_QUERY_SECONDS,
        check=False,
    )
    try:
        return json.loads(asked.stdout)
    except ValueError as error:
        reason = (asked.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise OptionsError(f"{python} cannot list its packages: {reason}") from error
