"""``understudy up`` and ``understudy down``: one environment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from understudy.cli.local import HostAddress, KubeContext, Postgres, Redis
from understudy.progress import Progress

Name = Annotated[str, typer.Argument(help="The environment: the name of its stack, such as feature-x.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def up(
    name: Name,
    kube_context: KubeContext = None,
    postgres: Postgres = None,
    redis: Redis = None,
    host_address: HostAddress = None,
    smoke: Annotated[bool, typer.Option(help="Send one order through it at the end.")] = True,
    as_json: JsonFlag = False,
) -> None:
    """Bring an environment up on this machine: local cloud, images, resources, one order."""
    from localcloud.options import Options  # noqa: PLC0415 - `--help` must not wait for these
    from understudy.environments import summary  # noqa: PLC0415
    from understudy.environments.engine import project_folder  # noqa: PLC0415
    from understudy.environments.up import up as bring_up  # noqa: PLC0415

    options = Options(
        kube_context=kube_context, postgres_url=postgres, redis_url=redis, host_address=host_address
    )
    progress = Progress()
    environment = bring_up(project_folder(Path.cwd()), name, options, progress, smoke=smoke)
    if as_json:
        typer.echo(json.dumps(summary.as_data(environment, progress.seconds()), indent=2))
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console(highlight=False)
    # No wrapping: addresses and commands are to be copied in one piece.
    console.print(summary.render(environment, progress.seconds(), console.width), soft_wrap=True)


def down(name: Name, as_json: JsonFlag = False) -> None:
    """Destroy an environment and drop its stack."""
    from understudy.environments.engine import project_folder  # noqa: PLC0415
    from understudy.environments.events import changed  # noqa: PLC0415
    from understudy.environments.up import down as take_down  # noqa: PLC0415

    progress = Progress()
    result = take_down(project_folder(Path.cwd()), name, progress)
    if as_json:
        typer.echo(
            json.dumps({"environment": name, "changes": result.changes, "seconds": progress.seconds()})
        )
    else:
        typer.echo(f"{name} is gone: {changed(result.changes)} in {result.seconds:.1f} s")
