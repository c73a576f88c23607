"""What the generated pages say of the program: the outputs of a stack, the profiles and their differences."""

from __future__ import annotations

import ast
import contextvars
import dataclasses
import inspect
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pulumi

from understudy.environments import program
from understudy.environments.program import text_of

PROJECT = Path(__file__).resolve().parent.parent
STACKS = {
    "production": "production",
    "staging": "staging",
    "development": "development",
    "preview": "feature-x",
}
"""Profile -> a stack that has it."""


def class_node(module: str, name: str) -> ast.ClassDef:
    """Return the source of a class of the program."""
    tree = ast.parse(inspect.getsource(program.module(PROJECT, module)))
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)


def profile_rows() -> Iterator[list[str]]:
    """Yield each field of a profile: name, unit, and its value in every profile."""
    profiles, overrides = program.module(PROJECT, "profiles"), program.module(PROJECT, "overrides")
    resolved = {name: profiles.resolve(name) for name in STACKS}
    for field in dataclasses.fields(profiles.Profile):
        unit = overrides.unit_of(field.name)
        values = {name: text_of(program.plain(getattr(one, field.name))) for name, one in resolved.items()}
        base = values["production"]
        shown = [value if name == "production" or value != base else "″" for name, value in values.items()]
        yield [f"`{field.name}`", unit.name if unit else "", *shown]


def difference_rows(profile: str) -> Iterator[list[str]]:
    """Yield each difference of a profile from production: field, value, reason, owner, last day."""
    for one in program.module(PROJECT, "profiles").differences(profile):
        yield [f"`{one.field}`", text_of(program.plain(one.value)), one.reason, one.owner, one.expires]


@cache
def resource_counts(profile: str) -> Counter[str]:
    """Return how many resources of each package a stack of the profile has, components aside."""
    return contextvars.copy_context().run(_counted, profile)


def _counted(profile: str) -> Counter[str]:
    resolution, topology = program.module(PROJECT, "resolution"), program.module(PROJECT, "topology")
    reference = f"example/service@sha256:{'0' * 64}"
    settings = resolution.resolve_settings(
        resolution.Given(
            stack=STACKS[profile],
            project="understudy",
            config={"understudy:images": f'{{"orders": "{reference}", "pricing": "{reference}"}}'},
            environ={},
            root=Path("/nonexistent"),
        )
    ).settings
    recorder = _Recorder()
    pulumi.runtime.set_mocks(recorder, project="understudy", stack=STACKS[profile], preview=False)
    pulumi.runtime.test(lambda: topology.build(settings) and None)()
    return recorder.seen


class _Recorder(pulumi.runtime.Mocks):
    """Counts what is made; makes up nothing but ids."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        package = args.typ.split(":")[0]
        if package not in ("pulumi", "understudy"):
            self.seen[package] += 1
        return f"{args.name}-id", {"arn": f"arn:aws:::{args.name}", "name": args.name, **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {"accountId": "123456789012"}
