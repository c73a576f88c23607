"""Objects in the engine's words and in the API server's."""

from __future__ import annotations

import base64
import binascii
import copy
from typing import Any

from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.values import Secret

MANAGER_KEY = "__fieldManager"
API_VERSION_KEY = "__initialApiVersion"

# Names that a property of the SDK can't have, and how it calls them.
_DASHED = {
    f"x_kubernetes_{name}": f"x-kubernetes-{name.replace('_', '-')}"
    for name in (
        "embedded_resource",
        "int_or_string",
        "list_map_keys",
        "list_type",
        "map_type",
        "preserve_unknown_fields",
        "validations",
    )
}
_UNDERSCORED = {dashed: name for name, dashed in _DASHED.items()}

# What the API server keeps in the metadata for itself.
BOOKKEEPING = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
_SERVER_ANNOTATIONS = (
    "deployment.kubernetes.io/revision",
    "kubectl.kubernetes.io/last-applied-configuration",
)


def body_of(inputs: dict[str, Any], kind: GroupVersionKind) -> dict[str, Any]:
    """Return the object to send for `inputs`, without the plugin's own notes and empty values."""
    given = {name: value for name, value in inputs.items() if not name.startswith("__")}
    body = _renamed(given, _DASHED)
    body["apiVersion"], body["kind"] = kind.api_version, kind.kind
    if kind.kind == "CustomResourceDefinition":
        body.pop("status", None)
    return body


def state_of(live: dict[str, Any], manager: str, api_version: str | None = None) -> dict[str, Any]:
    """Return the state of a live object: what the program sees, with the contents of a Secret sealed."""
    shown = _renamed(live, _UNDERSCORED)
    metadata = dict(shown.get("metadata", {}))
    metadata.pop("managedFields", None)
    state = {**shown, "metadata": metadata}
    state[API_VERSION_KEY] = api_version or live.get("apiVersion")
    state[MANAGER_KEY] = manager
    return sealed(state)


def sealed(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with the contents of a Secret marked as secret, whatever the program said."""
    if not is_secret(properties):
        return properties
    return {
        name: Secret(value) if name in ("data", "stringData") and not isinstance(value, Secret) else value
        for name, value in properties.items()
    }


def is_secret(obj: dict[str, Any]) -> bool:
    """Tell whether an object is a core Secret."""
    return obj.get("apiVersion") == "v1" and obj.get("kind") == "Secret"


def plain_secret(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a Secret's inputs with ``stringData`` folded into ``data``, as the API server keeps it."""
    if not is_secret(inputs) or not isinstance(inputs.get("stringData"), dict):
        return inputs
    data = inputs.get("data")
    folded = dict(data) if isinstance(data, dict) else {}
    for key, value in inputs["stringData"].items():
        folded[key] = base64.b64encode(value.encode()).decode() if isinstance(value, str) else value
    rest = {name: value for name, value in inputs.items() if name != "stringData"}
    return {**rest, "data": folded}


def text_of(encoded: Any) -> Any:
    """Return the text that a value of a Secret's ``data`` encodes, or the value itself when it is none."""
    try:
        return base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, ValueError, TypeError):
        return encoded


def imported_inputs(live: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs that stand for a live object of which no inputs are known."""
    inputs = _renamed({name: value for name, value in live.items() if name != "status"}, _UNDERSCORED)
    metadata = {name: value for name, value in inputs.get("metadata", {}).items() if name not in BOOKKEEPING}
    kept = {
        name: value
        for name, value in metadata.get("annotations", {}).items()
        if name not in _SERVER_ANNOTATIONS
    }
    metadata.pop("annotations", None)
    if kept:
        metadata["annotations"] = kept
    return {**inputs, "metadata": metadata}


def in_engine_words(live: dict[str, Any]) -> dict[str, Any]:
    """Return a live object with the SDK's names of properties."""
    return _renamed(live, _UNDERSCORED)


def dig(obj: Any, *path: str | int, default: Any = None) -> Any:
    """Return what stands at `path`, or `default` when there is nothing.

    >>> dig({"status": {"conditions": [{"type": "Ready"}]}}, "status", "conditions", 0, "type")
    'Ready'
    """
    for part in path:
        if isinstance(part, int):
            if not isinstance(obj, list) or part >= len(obj):
                return default
            obj = obj[part]
        elif isinstance(obj, dict) and obj.get(part) is not None:
            obj = obj[part]
        else:
            return default
    return obj


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Copy a value with the properties called in `names` renamed and null ones left out."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return copy.copy(value) if isinstance(value, bytearray) else value
