"""``understudy env``: what a plain ``pulumi`` needs to use the local cloud."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from localcloud.paths import data_dir


class Shell(StrEnum):
    """The shells whose syntax can be printed."""

    posix = "posix"
    bash = "bash"
    fish = "fish"


def show(
    shell: Annotated[Shell, typer.Option(help="Syntax of the commands.")] = Shell.posix,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; null means unset.")] = False,
    official_plugins: Annotated[
        bool, typer.Option("--official-plugins", help="Let the engine use its official plugins.")
    ] = False,
) -> None:
    """Print what puts the local cloud in place for a plain `pulumi`: eval "$(understudy env)"."""
    from localcloud import config  # noqa: PLC0415 - `--help` must not wait for these
    from localcloud.engine.acquire import ensure_engine  # noqa: PLC0415
    from localcloud.environment import environment, shell_lines  # noqa: PLC0415

    data = data_dir()
    cloud = config.load(config.path_in(data))
    variables = environment(data, cloud, ensure_engine(), official_plugins=official_plugins)
    if as_json:
        typer.echo(json.dumps(variables, indent=2))
    else:
        typer.echo("\n".join(shell_lines(variables, shell.value)))
