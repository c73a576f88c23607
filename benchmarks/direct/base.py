"""What the direct calls share: clients, and the way from a state's names to AWS's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Inputs = dict[str, Any]
Outputs = dict[str, Any]


class Clients:
    """boto3 clients by service, made when first asked for; `make` is a boto3 session's `client`."""

    def __init__(self, make: Callable[[str], Any], region: str) -> None:
        self._make = make
        self._made: dict[str, Any] = {}
        self.region = region

    def __getattr__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]


def pascal(value: Any) -> Any:
    """Return inputs with their names as AWS writes them: ``maxSize`` is ``MaxSize``."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: pascal(each) for key, each in value.items()}
    return [pascal(each) for each in value] if isinstance(value, list) else value


def tag_list(inputs: Inputs) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (inputs.get("tags") or {}).items()]


def only(inputs: Inputs, *names: str, **renamed: str) -> dict[str, Any]:
    """Return the inputs that are there, under AWS's names; `renamed` maps AWS's name to the input's."""
    found = {name[:1].upper() + name[1:]: inputs[name] for name in names if inputs.get(name) is not None}
    return found | {to: inputs[name] for to, name in renamed.items() if inputs.get(name) is not None}


def tag_specifications(kind: str, inputs: Inputs) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tag_list(inputs)}] if inputs.get("tags") else []
