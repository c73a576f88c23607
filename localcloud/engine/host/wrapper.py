"""The executable by which the engine finds the language host."""

import shlex
from pathlib import Path

__all__ = ["WRAPPER_NAME", "is_wrapper", "wrapper_script"]

WRAPPER_NAME = "pulumi-language-python"

_MODULE = "localcloud.engine.language_host"


def wrapper_script(python: Path) -> str:
    """Return a POSIX shell script that starts the language host; write it to a file of ``WRAPPER_NAME``.

    The engine takes an executable of that name on PATH before it thinks of a download.

    Args:
        python: the Python in which this project is installed.

    Example:
        >>> print(wrapper_script(Path("/venv/bin/python")))
        #!/bin/sh
        exec /venv/bin/python -P -m localcloud.engine.language_host "$@"
        <BLANKLINE>
    """
    # exec: the engine's signals reach the host itself, and the host sees when the engine has gone.
    # -P: the folder that the engine was started in is no place to import from.
    command = f"exec {shlex.quote(str(python))} -P -m {_MODULE}"
    return f'#!/bin/sh\n{command} "$@"\n'


def is_wrapper(path: Path) -> bool:
    """Say whether this executable starts the language host of this project, not the official one."""
    try:
        with path.open("rb") as stream:
            return f"-m {_MODULE}".encode() in stream.read(4096)
    except OSError:
        return False
