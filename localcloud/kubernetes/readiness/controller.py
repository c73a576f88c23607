"""ReplicationController, ResourceQuota and Secret: what their controllers fill in.

Source: pulumi/pulumi-kubernetes provider/pkg/await/awaiters.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.quantity import same_quantity
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, observed


def replication_ready(live: Object, look: Look) -> Verdict:
    """Judge a ReplicationController or a ReplicaSet."""
    wanted = dig(live, "spec", "replicas", default=1)
    there = dig(live, "status", "availableReplicas", default=0) if observed(live) else 0
    return Verdict(there >= wanted, f"{there} of {wanted} Pods are available")


def quota_ready(live: Object, look: Look) -> Verdict:
    """Judge a ResourceQuota: its limits are in force."""
    wanted = dig(live, "spec", "hard", default={})
    known = dig(live, "status", "hard", default={})
    if all(name in known and same_quantity(wanted[name], known[name]) for name in wanted):
        return Verdict(True, "the quota is in force")
    return Verdict(False, "waiting for the quota to be in force")


def secret_ready(live: Object, look: Look) -> Verdict:
    """Judge a Secret: one that holds a service account's token is filled by its controller."""
    if live.get("type") == "kubernetes.io/service-account-token" and not live.get("data"):
        return Verdict(False, "waiting for the token")
    return Verdict(True, "the Secret is there")
