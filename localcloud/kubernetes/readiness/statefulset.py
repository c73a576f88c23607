"""StatefulSet: every Pod is of the present revision and ready.

Source: pulumi/pulumi-kubernetes provider/pkg/await/statefulset.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, observed


def statefulset_ready(live: Object, look: Look) -> Verdict:
    """Judge a StatefulSet."""
    if not observed(live):
        return Verdict(False, "waiting for the StatefulSet controller to take notice")
    status = live.get("status") or {}
    wanted = dig(live, "spec", "replicas", default=1)
    ready, total = status.get("readyReplicas", 0), status.get("replicas", 0)
    if ready < wanted or total != wanted:
        return Verdict(False, f"{ready} of {wanted} Pods are ready")
    by_hand = dig(live, "spec", "updateStrategy", "type") == "OnDelete"
    if by_hand and dig(live, "metadata", "generation", default=1) > 1:
        return Verdict(True, "ready; Pods take the new version when they are deleted by hand")
    kept = dig(live, "spec", "updateStrategy", "rollingUpdate", "partition", default=0)
    updated = status.get("updatedReplicas", 0)
    rolled = bool(status.get("currentRevision")) and (
        updated >= wanted - kept if kept else status["currentRevision"] == status.get("updateRevision")
    )
    if not rolled:
        return Verdict(False, f"{updated} of {wanted - kept} Pods are of the present version")
    return Verdict(True, f"{wanted} Pods are ready")
