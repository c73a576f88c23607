"""What the generated pages say of the program: the outputs of a stack, the profiles and their differences."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import re
import subprocess
import sys
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
def resource_counts() -> dict[str, dict[str, int]]:
    """Return for each profile how many resources of each package a stack of it has, components aside.

    Counted in a process of its own: the SDK's runtime is global, and its modules load lazily.
    """
    command = [sys.executable, "-m", "understudy.stack_facts"]
    ran = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise RuntimeError(f"the program can't be counted: {ran.stderr.strip()}")
    return json.loads(ran.stdout)


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
    _load_sdk()
    recorder = _Recorder()
    pulumi.runtime.set_mocks(recorder, project="understudy", stack=STACKS[profile], preview=False)
    pulumi.runtime.test(lambda: topology.build(settings) and None)()
    return recorder.seen


def _load_sdk() -> None:
    """Load what the components use of the AWS SDK: it loads lazily, which two threads must not do at once."""
    used = {
        found
        for path in (PROJECT / "components").rglob("*.py")
        for found in re.findall(r"\baws\.([a-z0-9]+)\.[A-Z]", path.read_text(encoding="utf-8"))
    }
    for name in sorted(used):
        getattr(importlib.import_module(f"pulumi_aws.{name}"), "__all__", None)


class _Recorder(pulumi.runtime.Mocks):
    """Counts what is made; makes up nothing but ids."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        package = args.typ.split(":")[0]
        if package not in ("pulumi", "understudy"):
            self.seen[package] += 1
        return f"{args.name}-id", {
            "arn": f"arn:aws:::{args.name}",
            "name": args.name,
            "hex": "00",
            **args.inputs,
        }

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {"accountId": "123456789012"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps({name: _counted(name) for name in STACKS}))
