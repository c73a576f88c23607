"""What a judgement over a live object says, and what it may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from localcloud.kubernetes.objects import dig

Object = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """Whether an object is ready. status: one line for people. failed: it never will be."""

    ready: bool
    status: str = ""
    failed: bool = False


READY = Verdict(True)


class Look(Protocol):
    """What a judgement may ask for besides the object itself."""

    @property
    def waited(self) -> float:
        """How long the wait has lasted, in seconds."""
        ...

    def find(self, api_version: str, kind: str, namespace: str | None, name: str) -> Object | None:
        """Return an object, or None when there is none or it can't be read."""
        ...

    def list(self, api_version: str, kind: str, namespace: str | None, selector: str) -> list[Object]:
        """Return the objects that a label selector finds; [] when they can't be read."""
        ...


class Readiness(Protocol):
    """The rule of one kind."""

    def __call__(self, live: Object, look: Look) -> Verdict:
        """Judge the live object."""
        ...


def condition(live: Object, name: str) -> Object:
    """Return the status condition of type `name`, or an empty dict."""
    for each in dig(live, "status", "conditions", default=[]):
        if each.get("type") == name:
            return each
    return {}


def told(found: Object) -> str:
    """Return a condition's reason and message as ``[Reason] message``."""
    reason, message = found.get("reason", ""), found.get("message", "")
    return f"[{reason}] {message}".strip() if reason else message


def observed(live: Object) -> bool:
    """Tell whether the status is about the object as it is now, not as it was before."""
    return dig(live, "status", "observedGeneration", default=0) >= dig(
        live, "metadata", "generation", default=0
    )


def labels_selector(selector: Object | None) -> str:
    """Return a LabelSelector object as the text of a query.

    >>> labels_selector({"matchLabels": {"app": "web"}})
    'app=web'
    """
    selector = selector or {}
    parts = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or []:
        key, operator, values = each["key"], each["operator"], ",".join(each.get("values") or [])
        parts.append(
            {
                "In": f"{key} in ({values})",
                "NotIn": f"{key} notin ({values})",
                "Exists": key,
                "DoesNotExist": f"!{key}",
            }[operator]
        )
    return ",".join(parts)
