"""What the program of a project says of a stack, without running it: its settings and where they come from.

Needs no engine, no credentials and no local cloud: only files, the shell's variables and git.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

from understudy.environments import stackfile
from understudy.errors import InvalidInputError

_NO_PLACE = "the stack's configuration"


@dataclass(frozen=True)
class Setting:
    """One effective setting, and where it came from.

    `kind` is one of production, profile, override, configuration, environment, git, build, default; `where`
    says which one exactly; a declared difference has a reason, an owner and a last day.
    """

    name: str
    value: Any
    kind: str
    where: str
    unit: str | None = None
    reason: str | None = None
    owner: str | None = None
    expires: str | None = None

    @property
    def distinguishes(self) -> bool:
        """Whether it sets the stack apart: neither production's own value nor a default."""
        return self.kind not in ("production", "default")


def module(project: Path, name: str) -> Any:
    """Import a module of the program; it is looked up as the language host does, in the folder of `main`."""
    folder = str(stackfile.main_folder(project))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def resolve(project: Path, stack: str, environ: Mapping[str, str] | None = None) -> Any:
    """Return the `Resolved` settings of `stack` (see `stacks/resolution.py`).

    Raises InvalidInputError when a setting is wrong.
    """
    resolution, keys = module(project, "resolution"), module(project, "keys")
    path = stackfile.stack_file(project, stack)
    config = stackfile.read_config(path)
    for key, value in config.items():
        if value is None and key.startswith(f"{keys.NAMESPACE}:"):
            raise InvalidInputError(keys.encrypted(key))
    given = resolution.Given(
        stack=stack,
        project=stackfile.project_name(project),
        config={key: "[secret]" if value is None else value for key, value in config.items()},
        environ=os.environ if environ is None else environ,
        root=project,
        place=path.name if path.is_file() else _NO_PLACE,
    )
    try:
        return resolution.resolve_settings(given)
    except keys.SettingsProblem as problem:
        raise InvalidInputError(str(problem)) from None


def settings_of(project: Path, stack: str, environ: Mapping[str, str] | None = None) -> list[Setting]:
    """Return every effective setting of `stack`, the profile's fields last.

    Raises InvalidInputError when a setting is wrong.
    """
    resolved = resolve(project, stack, environ)
    unit_of = module(project, "overrides").unit_of
    found: list[Setting] = []
    for name, origin in resolved.origins.items():
        part, _, field = name.partition(".")
        holder = getattr(resolved.settings, part)
        unit = unit_of(field) if field else None
        difference = origin.difference
        found.append(
            Setting(
                name=name,
                value=plain(getattr(holder, field) if field else holder),
                kind=origin.kind,
                where=origin.where,
                unit=unit.name if unit else None,
                reason=difference.reason if difference else None,
                owner=difference.owner if difference else None,
                expires=difference.expires if difference else None,
            )
        )
    return found


def text_of(value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value in ({}, []):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text_of(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text_of(one)}" for name, one in value.items())
    return str(value)


def plain(value: Any) -> Any:
    """A setting's value as JSON has it; the text of a kubeconfig, which holds credentials, is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, dict) and "\n" in str(value.get("kubeconfig", "")).strip():
        return {**value, "kubeconfig": "[not shown]"}
    return json.loads(json.dumps(value))
