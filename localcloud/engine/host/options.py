"""Reads the ``runtime.options`` of a Pulumi.yaml and finds the Python they mean.

Same options and rules as the official Python language host: ``virtualenv`` is relative to the folder of
Pulumi.yaml; ``toolchain`` is ``pip`` or ``uv`` (``uv`` as well when there is a ``uv.lock``); ``typechecker``
is ``mypy`` or ``pyright``. ``toolchain: poetry`` is refused by name.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Options", "OptionsError", "parse_options"]

_TOOLCHAINS = ("pip", "uv")
_TYPECHECKERS = ("mypy", "pyright")


class OptionsError(Exception):
    """The options of a program cannot be used; the text is one line that names the option."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to run one program, policy pack or plugin.

    Attributes:
        root: folder of the Pulumi.yaml.
        program: folder of the program.
        toolchain: ``pip`` or ``uv``.
        virtualenv: absolute folder of the virtual environment, or nothing for the Python on PATH.
        typechecker: ``mypy``, ``pyright`` or nothing.
    """

    root: Path
    program: Path
    toolchain: str = "pip"
    virtualenv: Path | None = None
    typechecker: str | None = None

    def has_virtualenv(self) -> bool:
        """Say whether the virtual environment that the options name is there."""
        return self.virtualenv is not None and (self.virtualenv / "bin" / "python").is_file()

    def python(self, env: Mapping[str, str]) -> Path:
        """Return the Python to run.

        Args:
            env: environment whose PATH and ``PULUMI_PYTHON_CMD`` count when no virtual environment is named.

        Raises:
            OptionsError: it is not there.
        """
        if self.virtualenv is not None:
            if not self.has_virtualenv():
                raise OptionsError(
                    f"the 'virtualenv' option in Pulumi.yaml is set to {self.virtualenv}, which holds no "
                    "Python; run `pulumi install`, or create it with `python3 -m venv` and install the "
                    "program's dependencies"
                )
            return self.virtualenv / "bin" / "python"
        commands = [env["PULUMI_PYTHON_CMD"]] if env.get("PULUMI_PYTHON_CMD") else ["python3", "python"]
        for command in commands:
            found = shutil.which(command, path=env.get("PATH", os.defpath))
            if found:
                return Path(found)
        raise OptionsError(f"no {' or '.join(commands)} on PATH; install Python 3.9 or newer")

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """Return ``env`` with the virtual environment activated, as its ``activate`` script does."""
        if self.virtualenv is None:
            return dict(env)
        result = {name: value for name, value in env.items() if name != "PYTHONHOME"}
        path = env.get("PATH")
        binaries = str(self.virtualenv / "bin")
        result["PATH"] = f"{binaries}{os.pathsep}{path}" if path else binaries
        result["VIRTUAL_ENV"] = str(self.virtualenv)
        return result


def parse_options(
    root: str, program: str, options: Mapping[str, object], *, is_plugin: bool = False
) -> Options:
    """Check the options and return what they mean.

    Args:
        root: folder of the Pulumi.yaml, PulumiPolicy.yaml or PulumiPlugin.yaml.
        program: folder of the program.
        options: the file's ``runtime.options``; what the official host does not know is ignored here too.
        is_plugin: a plugin never runs in the Python on PATH: its virtual environment is ``venv`` by default.

    Raises:
        OptionsError: a value that cannot be used, named.
    """
    toolchain = _choice(options, "toolchain", _TOOLCHAINS)
    typechecker = _choice(options, "typechecker", _TYPECHECKERS)
    virtualenv = _text(options, "virtualenv")
    program_dir = Path(program or root)
    root_dir = Path(root or program)
    if toolchain is None:
        toolchain = "uv" if _search_up(program_dir, "uv.lock") else "pip"
    if toolchain == "uv":
        project = _search_up(program_dir, "uv.lock") or _search_up(program_dir, "pyproject.toml")
        folder = root_dir / virtualenv if virtualenv else (project or program_dir) / ".venv"
    elif virtualenv or is_plugin:
        folder = root_dir / (virtualenv or "venv")
    else:
        folder = None
    return Options(
        root=root_dir,
        program=program_dir,
        toolchain=toolchain,
        # Not resolved: a virtual environment's python is found through the link's own folder.
        virtualenv=None if folder is None else Path(os.path.normpath(folder.absolute())),
        typechecker=typechecker,
    )


def _text(options: Mapping[str, object], name: str) -> str:
    value = options.get(name, "")
    if not isinstance(value, str):
        raise OptionsError(f"the runtime option '{name}' must be a string, not {value!r}")
    return value


def _choice(options: Mapping[str, object], name: str, choices: tuple[str, ...]) -> str | None:
    if name not in options:
        return None
    value = _text(options, name)
    if value not in choices:
        raise OptionsError(
            f"the runtime option '{name}: {value}' is not supported; use {' or '.join(choices)}"
        )
    return value


def _search_up(folder: Path, name: str) -> Path | None:
    start = folder.absolute()
    return next((parent for parent in (start, *start.parents) if (parent / name).is_file()), None)
