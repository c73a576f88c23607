"""DaemonSet: every node that should run a Pod runs one of the present version, and it is available.

Source: pulumi/pulumi-kubernetes provider/pkg/await/daemonset.go @ 94977969d641, which follows kstatus.
"""

from __future__ import annotations

from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, observed


def daemonset_ready(live: Object, look: Look) -> Verdict:
    """Judge a DaemonSet."""
    status = live.get("status") or {}
    if not observed(live) or "desiredNumberScheduled" not in status:
        return Verdict(False, "waiting for the DaemonSet controller to take notice")
    wanted = status["desiredNumberScheduled"]
    for name, what in (
        ("currentNumberScheduled", "scheduled"),
        ("updatedNumberScheduled", "of the present version"),
        ("numberAvailable", "available"),
        ("numberReady", "ready"),
    ):
        if status.get(name, 0) < wanted:
            return Verdict(False, f"{status.get(name, 0)} of {wanted} Pods are {what}")
    return Verdict(True, f"{wanted} Pods are ready")
