"""``understudy show``: what an environment is made with, and where each setting comes from."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from understudy.cli.environment import JsonFlag, Name

_PIPED_WIDTH = 240

if TYPE_CHECKING:
    from understudy.environments.program import Setting


def show(
    name: Name,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Every setting, not only what sets the environment apart.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show the settings of an environment and where each comes from; the environment need not be up."""
    from understudy.environments.engine import project_folder  # noqa: PLC0415 - `--help` must not wait
    from understudy.environments.program import settings_of  # noqa: PLC0415
    from understudy.environments.up import environment_name  # noqa: PLC0415

    found = settings_of(project_folder(Path.cwd()), environment_name(name))
    shown = found if resolved else [one for one in found if one.distinguishes]
    if as_json:
        typer.echo(json.dumps({"environment": name, "settings": [asdict(one) for one in shown]}, indent=2))
    else:
        _print(shown)


def _print(settings: list[Setting]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from understudy.environments.program import text_of  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("setting", style="cyan", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", overflow="fold")
    for one in settings:
        value = text_of(one.value)
        if one.unit and one.value is not None and one.unit not in one.name:
            value += f" {one.unit}"
        remark = f": {one.reason}" if one.reason else ""
        style = "dim" if not one.distinguishes else ""
        table.add_row(one.name, value, f"{one.where}{remark}", style=style)
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = _PIPED_WIDTH  # one line for each setting, so that grep and diff can be used
    console.print(table)
