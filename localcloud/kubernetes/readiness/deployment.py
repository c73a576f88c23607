"""Deployment: the rollout of the present version is complete and available.

Source: pulumi/pulumi-kubernetes provider/pkg/await/deployment.go @ 94977969d641, and the rule of
``kubectl rollout status``.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, condition, observed, told


def deployment_ready(live: Object, look: Look) -> Verdict:
    """Judge a Deployment."""
    if not observed(live):
        return Verdict(False, "waiting for the Deployment controller to take notice")
    if dig(live, "spec", "paused"):
        return Verdict(True, "the Deployment is paused")
    progressing, available = condition(live, "Progressing"), condition(live, "Available")
    if progressing.get("reason") == "ProgressDeadlineExceeded":
        return Verdict(False, told(progressing), failed=True)
    wanted = dig(live, "spec", "replicas", default=1)
    updated = dig(live, "status", "updatedReplicas", default=0)
    ready = dig(live, "status", "availableReplicas", default=0)
    total = dig(live, "status", "replicas", default=0)
    failure = condition(live, "ReplicaFailure")
    lacks = (
        (failure.get("status") == "True", told(failure)),
        (updated < wanted, f"{updated} of {wanted} Pods are of the present version"),
        (total > updated, f"{total - updated} Pods of an earlier version still run"),
        (
            ready < updated or available.get("status") != "True",
            f"{ready} of {wanted} Pods are available",
        ),
    )
    return next(
        (Verdict(False, text) for lacking, text in lacks if lacking),
        Verdict(True, f"{wanted} Pods are available"),
    )
