"""The summary that ends `understudy up`: for people and as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from understudy.environments.events import Step, changed

if TYPE_CHECKING:
    from rich.text import Text

    from understudy.environments.up import Environment

SLOWEST = 3
_MARGIN = "  "
_GAP = "  "


def endpoints(environment: Environment) -> dict[str, str]:
    """Return the places a person wants to look at, by their names for people."""
    outputs = environment.outputs
    return {
        "orders queue": outputs.orders_queue_url,
        "dead letters": outputs.orders_dead_letter_queue_url,
        "replies queue": outputs.replies_queue_url,
        "archive": f"s3://{outputs.archive_bucket}",
        "database": f"{outputs.database_address}:{outputs.database_port}",
        "database secret": _short(outputs.database_secret_arn),
        "cache secret": _short(outputs.cache_secret_arn),
        "namespace": outputs.namespace,
        "cluster": f"context {environment.place.cloud.context}",
        "AWS": f"{environment.place.cloud.endpoint_url} ({outputs.region})",
    }


def next_commands(environment: Environment) -> list[tuple[str, str]]:
    """Return what to type next, and why."""
    name = environment.name
    return [
        ('eval "$(.venv/bin/understudy env)"', "use it in this shell"),
        (f"pulumi preview --stack {name}", "what a change would do"),
        (f"make down STACK={name}", "destroy it"),
    ]


def as_data(environment: Environment, seconds: dict[str, float]) -> dict[str, Any]:
    """Return the summary as plain data: everything that `render` shows, with values as programs want them."""
    smoke = environment.smoke
    cloud = environment.place.cloud
    return {
        "environment": environment.name,
        "profile": environment.outputs.profile,
        "changes": environment.update.changes,
        "rebuilt": environment.rebuilt,
        "outputs": asdict(environment.outputs),
        "cloud": {
            "endpointUrl": cloud.endpoint_url,
            "region": cloud.region,
            "kubeconfig": cloud.kubeconfig,
            "context": cloud.context,
        },
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "slowest": [
            {"name": each.name, "type": each.type, "seconds": round(each.seconds, 3)}
            for each in _slowest(environment)
        ],
        "smoke": None if smoke is None else {"order": smoke.order_id, "seconds": smoke.seconds},
    }


def render(environment: Environment, seconds: dict[str, float], width: int) -> Text:
    """Return the summary as a person reads it on a terminal of `width` columns.

    No line is broken: a value that does not fit beside its name goes below it, and remarks that do not fit
    are left out. So addresses and commands can be copied as they are.
    """
    from rich.text import Text  # noqa: PLC0415 - rich costs 0.1 s

    heading = Text.assemble(
        _MARGIN,
        (environment.name, "bold green"),
        " is up",
        (f"   profile {environment.outputs.profile}", "dim"),
    )
    lines = [Text(), heading, Text(), *_rows(endpoints(environment), width), Text()]
    lines += [*_rows(_times(environment, seconds), width), Text(), *_commands(environment, width)]
    return Text("\n").join(lines)


def _rows(rows: dict[str, str], width: int) -> Iterator[Text]:
    """Yield names and values in two columns."""
    from rich.text import Text  # noqa: PLC0415

    column = max(len(name) for name in rows)
    indent = len(_MARGIN) + column + len(_GAP)
    for name, value in rows.items():
        label = (f"{_MARGIN}{name:<{column}}", "cyan")
        if indent + len(value) <= width:
            yield Text.assemble(label, f"{_GAP}{value}")
        else:
            yield Text.assemble((f"{_MARGIN}{name}", "cyan"))
            yield Text(f"{_MARGIN * 2}{value}")


def _commands(environment: Environment, width: int) -> Iterator[Text]:
    from rich.text import Text  # noqa: PLC0415

    commands = next_commands(environment)
    column = max(len(command) for command, _ in commands)
    fits = all(len(_MARGIN) + column + len(_GAP) + 2 + len(purpose) <= width for _, purpose in commands)
    for command, purpose in commands:
        remark = f"{'':{column - len(command)}}{_GAP}# {purpose}" if fits else ""
        yield Text.assemble(_MARGIN, (command, "bold"), (remark, "dim"))


def _times(environment: Environment, seconds: dict[str, float]) -> dict[str, str]:
    rows: dict[str, str] = {}
    for name, value in seconds.items():
        rows[name] = f"{value:6.1f} s"
        if name == "resources":
            rows[name] += f"{_GAP}{changed(environment.update.changes)}"
            for each in _slowest(environment):
                rows[f"  {each.name} {_kind(each)}"] = f"{each.seconds:6.1f} s"
        elif name == "smoke test" and environment.smoke is not None:
            rows[name] += f"{_GAP}✓ order stored, archived, answered"
    return rows


def _slowest(environment: Environment) -> list[Step]:
    """Return the changes that took longest, of things that are made: a component only waits for its parts."""
    made = (each for each in environment.update.progress.slowest if not each.is_component)
    return [each for each in made if each.seconds >= 1][:SLOWEST]


def _kind(step: Step) -> str:
    return step.type.rsplit(":", 1)[-1]


def _short(arn: str) -> str:
    return arn.rsplit(":", 1)[-1]
