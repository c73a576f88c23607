"""Names: what an unnamed object is called, an object's id, the field manager of a resource."""

from __future__ import annotations

import hashlib
from typing import Any

from localcloud.resource import LocalError

MANAGER_PREFIX = "pulumi-kubernetes"


def generated_name(logical: str, seed: bytes) -> str:
    """Return ``<logical name>-<8 hex digits>``; the same seed gives the same name.

    >>> generated_name("web", b"1").startswith("web-")
    True
    """
    return f"{logical}-{hashlib.sha256(seed or logical.encode()).hexdigest()[:8]}"


def field_manager(urn: str) -> str:
    """Return the field manager that applies the resource `urn`.

    Each resource has one of its own, so that what another stack or another resource made under the same
    name is told apart from what an earlier, cut short update of this one left.
    """
    return f"{MANAGER_PREFIX}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def identity(namespace: str | None, name: str) -> str:
    """Return the id of an object: ``namespace/name``, or ``name`` for a kind without namespaces.

    >>> identity("shop", "web")
    'shop/web'
    """
    return f"{namespace}/{name}" if namespace else name


def parse_identity(text: str) -> tuple[str | None, str]:
    """Return the namespace (or None) and the name of an id; raise LocalError when it is none."""
    parts = text.split("/")
    if len(parts) > 2 or not all(parts):
        raise LocalError(f"{text!r} is no id of a Kubernetes object; write it as namespace/name or name")
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def name_of(inputs: dict[str, Any]) -> Any:
    """Return ``metadata.name`` of an object, which may be UNKNOWN or missing."""
    metadata = inputs.get("metadata")
    return metadata.get("name") if isinstance(metadata, dict) else None


def namespace_of(inputs: dict[str, Any]) -> Any:
    """Return ``metadata.namespace`` of an object, which may be UNKNOWN or missing."""
    metadata = inputs.get("metadata")
    return metadata.get("namespace") if isinstance(metadata, dict) else None
