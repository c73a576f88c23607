"""PersistentVolumeClaim and PersistentVolume: bound.

Source: pulumi/pulumi-kubernetes provider/pkg/await/awaiters.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import READY, Look, Object, Verdict


def claim_ready(live: Object, look: Look) -> Verdict:
    """Judge a PersistentVolumeClaim; one that is bound when a Pod first uses it is not waited for."""
    phase = dig(live, "status", "phase")
    if phase == "Bound":
        return Verdict(True, "the claim is bound")
    if phase == "Lost":
        return Verdict(False, "the volume of the claim is lost", failed=True)
    name = dig(live, "spec", "storageClassName")
    found = look.find("storage.k8s.io/v1", "StorageClass", None, name) if name else None
    if phase == "Pending" and dig(found, "volumeBindingMode") == "WaitForFirstConsumer":
        return Verdict(True, "the claim is bound when a Pod uses it")
    if name and found is None:
        return Verdict(False, f"the StorageClass {name} is not there")
    return Verdict(False, "waiting for a volume")


def volume_ready(live: Object, look: Look) -> Verdict:
    """Judge a PersistentVolume."""
    phase = dig(live, "status", "phase")
    if phase in ("Available", "Bound"):
        return READY
    return Verdict(False, f"the volume is {phase or 'not known to its controller'}", failed=phase == "Failed")
