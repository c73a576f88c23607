"""CustomResourceDefinition: established, and its names accepted."""

from __future__ import annotations

from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, condition, told


def definition_ready(live: Object, look: Look) -> Verdict:
    """Judge a CustomResourceDefinition."""
    names, established = condition(live, "NamesAccepted"), condition(live, "Established")
    if names.get("status") == "False":
        return Verdict(False, told(names), failed=True)
    if established.get("status") == "True":
        return Verdict(True, "the definition is established")
    return Verdict(False, told(established) or "waiting for the definition to be established")
