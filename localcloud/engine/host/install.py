"""The commands that install a program's dependencies (``pulumi install``)."""

import sys
from pathlib import Path

from localcloud.engine.host.options import Options

__all__ = ["install_commands"]


def install_commands(options: Options, *, is_plugin: bool) -> list[list[str]]:
    """Return the commands to run, in order, in the program's folder.

    The virtual environment is made when it is missing. ``requirements.txt`` is looked for in the program's
    folder, then beside Pulumi.yaml; a plugin that is a Python package of its own is installed as well.

    Args:
        options: the program's options.
        is_plugin: whether this is a plugin's folder.
    """
    if options.toolchain == "uv":
        return _uv(options)
    if options.virtualenv is None:
        return []
    python = str(options.virtualenv / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    commands = []
    if not options.has_virtualenv():
        commands.append([_base_python(), "-m", "venv", str(options.virtualenv)])
    package = options.program / "pyproject.toml"
    if is_plugin and package.is_file():
        commands.append([*pip, str(options.program)])
    requirements = _requirements(options)
    if requirements is not None:
        commands.append([*pip, "-r", str(requirements)])
    return commands


def _uv(options: Options) -> list[list[str]]:
    if (options.program / "pyproject.toml").is_file() or (options.root / "pyproject.toml").is_file():
        return [["uv", "sync"]]
    commands = [] if options.has_virtualenv() else [["uv", "venv", str(options.virtualenv)]]
    requirements = _requirements(options)
    if requirements is not None:
        commands.append(["uv", "pip", "install", "-r", str(requirements)])
    return commands


def _requirements(options: Options) -> Path | None:
    places = (options.program / "requirements.txt", options.root / "requirements.txt")
    return next((place for place in places if place.is_file()), None)


def _base_python() -> str:
    # The base of the host's own: a virtual environment made from another one depends on that.
    return getattr(sys, "_base_executable", None) or sys.executable
