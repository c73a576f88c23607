"""The ``pulumi.com/…`` annotations that steer how an object is applied, awaited and deleted.

Source: pulumi/pulumi-kubernetes provider/pkg/metadata/{annotations,overrides}.go @ 94977969d641.
"""

from __future__ import annotations

from typing import Any

from localcloud.fields import Failures
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.values import UNKNOWN

AUTONAMED = "pulumi.com/autonamed"
SKIP_AWAIT = "pulumi.com/skipAwait"
WAIT_FOR = "pulumi.com/waitFor"
TIMEOUT = "pulumi.com/timeoutSeconds"
REPLACE_UNREADY = "pulumi.com/replaceUnready"
PATCH_FORCE = "pulumi.com/patchForce"
FIELD_MANAGER = "pulumi.com/patchFieldManager"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"

# Kinds whose deletion is not awaited either when `skipAwait` is set, as in the official plugin.
_SKIP_ON_DELETE = frozenset(
    {"Namespace", "Pod", "ReplicationController", "DaemonSet", "Deployment", "StatefulSet", "Job"}
)


_OWNERLESS = frozenset(
    {
        ("", "ConfigMap"),
        ("", "Endpoints"),
        ("", "LimitRange"),
        ("", "ResourceQuota"),
        ("", "Secret"),
        ("", "Service"),
        ("", "ServiceAccount"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("networking.k8s.io", "Ingress"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
    }
)


def notes_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the annotations of an object that are known, or an empty dict."""
    metadata = inputs.get("metadata")
    found = metadata.get("annotations") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def is_true(inputs: dict[str, Any], name: str) -> bool:
    """Tell whether the annotation `name` is set to true."""
    return notes_of(inputs).get(name) in ("true", True)


def timeout_seconds(inputs: dict[str, Any]) -> float | None:
    """Return the time-out that the object asks for in seconds, if any."""
    value = notes_of(inputs).get(TIMEOUT)
    try:
        return float(int(value)) if isinstance(value, str | int) else None
    except ValueError:
        return None


def propagation(inputs: dict[str, Any], kind: GroupVersionKind) -> str:
    """Return how a deletion reaches the objects owned: Foreground unless the object says otherwise.

    Built-in kinds that own nothing to wait for are spared the way through the garbage collector.
    """
    chosen = str(notes_of(inputs).get(PROPAGATION, "")).lower()
    usual = "Background" if (kind.group, kind.kind) in _OWNERLESS else "Foreground"
    return {"orphan": "Orphan", "background": "Background", "foreground": "Foreground"}.get(chosen, usual)


def awaits_deletion(inputs: dict[str, Any]) -> bool:
    """Tell whether the end of the object is waited for."""
    return not (is_true(inputs, SKIP_AWAIT) and inputs.get("kind") in _SKIP_ON_DELETE)


def check_annotations(inputs: dict[str, Any], kind: str) -> Failures:
    """Return what is wrong with the annotations."""
    found = notes_of(inputs)
    failures: Failures = []

    def wrong(name: str, reason: str) -> None:
        failures.append((f'metadata.annotations["{name}"]', reason))

    timeout = found.get(TIMEOUT)
    if timeout is not None and timeout is not UNKNOWN and timeout_seconds(inputs) is None:
        wrong(TIMEOUT, f"must be a whole number of seconds, not {timeout!r}")
    for name in (SKIP_AWAIT, PATCH_FORCE, REPLACE_UNREADY):
        value = found.get(name)
        if value is not None and value is not UNKNOWN and value not in ("true", "false", True, False):
            wrong(name, f'must be "true" or "false", not {value!r}')
    if is_true(inputs, REPLACE_UNREADY) and kind != "Job":
        wrong(REPLACE_UNREADY, f"works for a Job only, not for a {kind}; leave it out")
    policy = found.get(PROPAGATION)
    if isinstance(policy, str) and policy.lower() not in ("foreground", "background", "orphan"):
        wrong(PROPAGATION, f"must be foreground, background or orphan, not {policy!r}")
    return failures
