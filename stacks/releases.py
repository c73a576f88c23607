"""Releases that are under way, as the stack's configuration has them.

`understudy:releases` is an object with one entry for each service, whose keys are the arguments of `Release`:

    {"pricing": {"strategy": "canary", "candidate": "…/pricing@sha256:…", "steps": [25, 50], "step": 1}}
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, cast

from keys import SettingsProblem

from components.checks import InvalidArgument
from components.services import Release

_FIELDS = tuple(field.name for field in fields(Release))


def parse(value: object, services: Sequence[str]) -> dict[str, Release]:
    """The release of each service that the configuration names.

    Raises:
        SettingsProblem: no object, a service that there is not, or an argument that `Release` refuses.
    """
    if value is None:
        return {}
    entries = _entries("understudy:releases", value, services)
    return {service: _release(service, entry) for service, entry in entries.items()}


def _release(service: str, value: object) -> Release:
    path = f"understudy:releases.{service}"
    found = _entries(path, value, _FIELDS)
    if isinstance(found.get("steps"), list):
        found["steps"] = tuple(found["steps"])
    try:
        return Release(**found)
    except InvalidArgument as problem:
        raise SettingsProblem(f"{path}.{problem}") from None


def _entries(path: str, value: object, known: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise SettingsProblem(f"{path} is {value!r}: use an object with some of {', '.join(known)}")
    entries = dict(cast("Mapping[str, Any]", value))
    for key in entries:
        if key not in known:
            raise SettingsProblem(f"{path}.{key} is unknown: use some of {', '.join(known)}")
    return entries
