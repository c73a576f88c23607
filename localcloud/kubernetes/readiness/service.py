"""Service: its Pods can be reached through it, and a load balancer has its address.

Source: pulumi/pulumi-kubernetes provider/pkg/await/service.go @ 94977969d641. The official provider waits
10 s after each change of the endpoints; here a Service is ready as soon as all its endpoints are, and only
one that no Pod matches is given those 10 s.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict

SLICE_LABEL = "kubernetes.io/service-name"
_SETTLE_SECONDS = 10.0


def has_endpoints(live: Object) -> bool:
    """Tell whether Kubernetes itself looks for the Pods of a Service, and its address stands for them."""
    spec = live.get("spec") or {}
    return (
        bool(spec.get("selector")) and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"
    )


def service_ready(live: Object, look: Look) -> Verdict:
    """Judge a Service."""
    balancer = dig(live, "spec", "type") == "LoadBalancer"
    if balancer and not dig(live, "status", "loadBalancer", "ingress"):
        return Verdict(False, "waiting for the load balancer's address; does this cluster provide any?")
    if not has_endpoints(live):
        return Verdict(True, "the Service is there")
    namespace, name = dig(live, "metadata", "namespace"), dig(live, "metadata", "name")
    slices = look.list("discovery.k8s.io/v1", "EndpointSlice", namespace, f"{SLICE_LABEL}={name}")
    ready, pending = count_endpoints(slices)
    if pending:
        return Verdict(False, f"{ready} of {ready + pending} Pods behind the Service are ready")
    if ready:
        return Verdict(True, f"{ready} Pods are ready behind the Service")
    if look.waited < _SETTLE_SECONDS:
        return Verdict(False, "no Pod matches the selector yet")
    return Verdict(True, "no Pod matches the selector")


def count_endpoints(slices: list[Object]) -> tuple[int, int]:
    """Return how many endpoints are ready, and how many are not (those that end do not count)."""
    ready: set[str] = set()
    pending: set[str] = set()
    for each in slices:
        for endpoint in each.get("endpoints") or []:
            who = dig(endpoint, "targetRef", "uid") or ",".join(endpoint.get("addresses") or [])
            if dig(endpoint, "conditions", "ready", default=True):
                ready.add(who)
            elif not dig(endpoint, "conditions", "terminating", default=False):
                pending.add(who)
    return len(ready), len(pending - ready)
