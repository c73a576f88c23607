"""Which rule judges which kind."""

from __future__ import annotations

from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.readiness.claim import claim_ready, volume_ready
from localcloud.kubernetes.readiness.controller import quota_ready, replication_ready, secret_ready
from localcloud.kubernetes.readiness.daemonset import daemonset_ready
from localcloud.kubernetes.readiness.definition import definition_ready
from localcloud.kubernetes.readiness.deployment import deployment_ready
from localcloud.kubernetes.readiness.ingress import ingress_ready
from localcloud.kubernetes.readiness.job import job_ready
from localcloud.kubernetes.readiness.pod import pod_ready
from localcloud.kubernetes.readiness.service import service_ready
from localcloud.kubernetes.readiness.statefulset import statefulset_ready
from localcloud.kubernetes.readiness.verdict import Readiness

_RULES: dict[tuple[str, str], Readiness] = {
    ("", "PersistentVolume"): volume_ready,
    ("", "PersistentVolumeClaim"): claim_ready,
    ("", "Pod"): pod_ready,
    ("", "ReplicationController"): replication_ready,
    ("", "ResourceQuota"): quota_ready,
    ("", "Secret"): secret_ready,
    ("", "Service"): service_ready,
    ("apiextensions.k8s.io", "CustomResourceDefinition"): definition_ready,
    ("apps", "DaemonSet"): daemonset_ready,
    ("apps", "Deployment"): deployment_ready,
    ("apps", "StatefulSet"): statefulset_ready,
    ("batch", "Job"): job_ready,
    ("networking.k8s.io", "Ingress"): ingress_ready,
}

# Kinds that a refresh judges as well, as in the official plugin.
_JUDGED_ON_READ = frozenset({"DaemonSet", "Deployment", "Ingress", "Job", "Pod", "Service", "StatefulSet"})


def rule_of(kind: GroupVersionKind) -> Readiness | None:
    """Return the rule of a kind, or None for kinds that are ready as soon as they are there."""
    return _RULES.get((kind.group, kind.kind))


def judged_on_read(kind: GroupVersionKind) -> bool:
    """Tell whether a refresh says when an object of this kind is not ready."""
    return kind.kind in _JUDGED_ON_READ and rule_of(kind) is not None


def waited_kinds() -> list[str]:
    """Return the names of the kinds that are waited for."""
    return sorted(kind for _group, kind in _RULES)
