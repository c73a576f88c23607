"""``understudy local``: the servers of the local cloud."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from localcloud.paths import data_dir
from understudy.errors import InvalidInputError
from understudy.progress import Progress

if TYPE_CHECKING:
    from localcloud.lifecycle import LocalCloudLifecycle, Part

app = typer.Typer(
    help="Start, show and stop the local cloud: AWS's API, Kubernetes, PostgreSQL and Redis on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


KubeContext = Annotated[
    str | None,
    typer.Option(
        help="Use this cluster of yours (kind, k3d, any); no root needed then.",
        envvar="UNDERSTUDY_KUBE_CONTEXT",
    ),
]
Postgres = Annotated[
    str | None,
    typer.Option(help="Make databases on this server of yours (postgres://…).", envvar="UNDERSTUDY_POSTGRES"),
]
Redis = Annotated[
    str | None, typer.Option(help="Use this server of yours (redis://…).", envvar="UNDERSTUDY_REDIS")
]
HostAddress = Annotated[
    str | None,
    typer.Option(
        help="This machine's address as the cluster of --kube-context reaches it.",
        envvar="UNDERSTUDY_HOST_ADDRESS",
    ),
]


@app.command()
def up(
    kube_context: KubeContext = None,
    postgres: Postgres = None,
    redis: Redis = None,
    host_address: HostAddress = None,
    as_json: JsonFlag = False,
) -> None:
    """Start what does not run yet. Choices are remembered until `understudy local reset`."""
    from localcloud.options import Options  # noqa: PLC0415 - `--help` must not wait for it

    options = Options(
        kube_context=kube_context, postgres_url=postgres, redis_url=redis, host_address=host_address
    )
    progress = Progress()
    running = _lifecycle().up(options, progress)
    if running.aws_restarted:
        progress.note(
            "AWS's server was started anew and knows nothing of what was deployed before; "
            "bring your environments up again"
        )
    cloud = running.cloud
    if as_json:
        _print_json(
            {
                "endpointUrl": cloud.endpoint_url,
                "region": cloud.region,
                "hostAddress": cloud.host_address,
                "kubeconfig": cloud.kubeconfig,
                "context": cloud.context,
                "generation": cloud.generation,
                "awsRestarted": running.aws_restarted,
                "seconds": progress.seconds(),
            }
        )
        return
    typer.echo(f"AWS         {cloud.endpoint_url} ({cloud.region})")
    typer.echo(f"Kubernetes  context {cloud.context} in {cloud.kubeconfig}")
    typer.echo('next        eval "$(understudy env)"')


@app.command()
def install(kube_context: KubeContext = None, postgres: Postgres = None, redis: Redis = None) -> None:
    """Install and build what is missing, and start nothing."""
    from localcloud.install import ensure_executables, ensure_packages  # noqa: PLC0415
    from localcloud.options import Options  # noqa: PLC0415

    options = Options(kube_context=kube_context, postgres_url=postgres, redis_url=redis)
    progress = Progress()
    with progress.step("packages") as say:
        ensure_packages(options, say)
    with progress.step("engine and cluster executables") as say:
        ensure_executables(options, say)


@app.command()
def status(as_json: JsonFlag = False) -> None:
    """Show which servers run."""
    parts = _lifecycle().status()
    if as_json:
        _print_json({"running": all(part.running for part in parts), "servers": [asdict(p) for p in parts]})
        return
    _table(parts)


@app.command()
def down() -> None:
    """Stop everything; data is kept, except what AWS's server has in memory."""
    _lifecycle().down(Progress())


@app.command()
def reset(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop everything and delete all data of the local cloud, the state of its environments included."""
    if not yes:
        if not sys.stdin.isatty():
            raise InvalidInputError("this deletes all data of the local cloud; say so with --yes")
        typer.confirm(f"Delete all data of the local cloud in {data_dir()}?", abort=True, err=True)
    _lifecycle().reset(Progress())


def _lifecycle() -> LocalCloudLifecycle:
    from localcloud.lifecycle import LocalCloudLifecycle  # noqa: PLC0415

    return LocalCloudLifecycle(data_dir())


def _table(parts: list[Part]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, show_header=False)
    for part in parts:
        state = "[green]running[/]" if part.running else "[dim]stopped[/]"
        table.add_row(part.name, state, part.detail)
    Console(highlight=False).print(table)


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2))
