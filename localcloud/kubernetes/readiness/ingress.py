"""Ingress: it has an address, and the Services behind its paths are there.

Source: pulumi/pulumi-kubernetes provider/pkg/await/ingress.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict

_SETTLE_SECONDS = 60.0


def ingress_ready(live: Object, look: Look) -> Verdict:
    """Judge an Ingress."""
    if not dig(live, "status", "loadBalancer", "ingress"):
        return Verdict(False, "waiting for an address; does an ingress controller run in this cluster?")
    namespace = dig(live, "metadata", "namespace")
    missing = [name for name in services_behind(live) if look.find("v1", "Service", namespace, name) is None]
    if missing and look.waited < _SETTLE_SECONDS:
        return Verdict(False, f"waiting for the Services behind its paths: {', '.join(missing)}")
    return Verdict(True, "the Ingress has an address")


def services_behind(live: Object) -> list[str]:
    """Return the names of the Services that the paths of an Ingress lead to."""
    found: set[str] = set()
    for rule in dig(live, "spec", "rules", default=[]):
        for path in dig(rule, "http", "paths", default=[]):
            name = dig(path, "backend", "service", "name")
            if name:
                found.add(name)
    return sorted(found)
