"""Errors of the API server and of the way to it, as one line that a user can act on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from localcloud.resource import LocalError

_LONGEST = 600

_MENDS = {
    401: "the credentials of the kubeconfig are not accepted; make a new one (`understudy env`)",
    403: "the user of the kubeconfig lacks the permission",
}


class Unreachable(LocalError):
    """The API server gives no answer."""


class UnknownCluster(LocalError):
    """The way to the cluster follows from something that is still to be deployed."""


class UnknownKind(LocalError):
    """The API server serves no such kind: a custom resource whose definition is not there (yet)."""


@dataclass(frozen=True)
class Cause:
    """One part of an error: the field it is about, and what is wrong with it."""

    field: str
    message: str
    reason: str = ""


class ApiError(LocalError):
    """An answer of the API server other than success; `status` is the HTTP status."""

    def __init__(self, status: int, reason: str, message: str, causes: list[Cause] | None = None) -> None:
        super().__init__(f"the Kubernetes API server refused: {_short(message)} ({status} {reason})")
        self.status = status
        self.reason = reason
        self.message = message
        self.causes = causes or []

    @property
    def gone(self) -> bool:
        """Tell whether the thing asked for is not there."""
        return self.status == 404

    @property
    def conflict(self) -> bool:
        """Tell whether somebody else owns a field, or has just changed the object."""
        return self.status == 409

    @property
    def invalid(self) -> bool:
        """Tell whether the object breaks a rule of its kind."""
        return self.status == 422


def error_from(status: int, reason: str, body: bytes) -> ApiError:
    """Return the error that an answer stands for."""
    try:
        answer = json.loads(body)
    except ValueError:
        return ApiError(status, reason, _MENDS.get(status, body[:200].decode(errors="replace") or reason))
    if not isinstance(answer, dict):
        return ApiError(status, reason, reason)
    details: dict[str, Any] = answer.get("details") or {}
    causes = [
        Cause(each.get("field", ""), each.get("message", ""), each.get("reason", ""))
        for each in details.get("causes") or []
    ]
    message = answer.get("message") or reason
    if status in _MENDS:
        message = f"{message}; {_MENDS[status]}"
    return ApiError(status, answer.get("reason") or reason, message, causes)


@dataclass(frozen=True)
class Conflict:
    """One field that another manager owns."""

    field: str
    manager: str


@dataclass(frozen=True)
class Conflicts:
    """All fields of one apply that other managers own."""

    items: list[Conflict] = field(default_factory=list)

    def all_by_hand(self) -> bool:
        """Tell whether the other managers are kubectl or this provider, whose changes an apply takes over.

        Source: pulumi/pulumi-kubernetes provider/pkg/await/await.go fixCSAFieldManagers @ 94977969d641.
        """
        return bool(self.items) and all(
            each.manager.startswith(("kubectl", "before-first-apply", "pulumi-kubernetes"))
            for each in self.items
        )

    def __str__(self) -> str:
        return ", ".join(f"{each.field} (set by {each.manager})" for each in self.items)


def conflicts_of(error: ApiError) -> Conflicts:
    """Return the fields that the error of an apply says are owned by others."""
    items: list[Conflict] = []
    for cause in error.causes:
        if cause.reason == "FieldManagerConflict":
            parts = cause.message.split('"')
            items.append(Conflict(cause.field, parts[1] if len(parts) > 1 else cause.message))
    return Conflicts(items)


def without(text: str, secrets: list[str]) -> str:
    """Return a message with every one of the secret values in it blacked out."""
    for value in sorted(set(secrets), key=len, reverse=True):
        if value:
            text = text.replace(value, "[secret]")
    return text


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
