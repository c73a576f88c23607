"""Pod: scheduled, initialised and ready, or run to its end.

Source: pulumi/pulumi-kubernetes provider/pkg/await/checker/pod/check.go @ 94977969d641.
"""

from __future__ import annotations

from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.readiness.verdict import Look, Object, Verdict, condition, told

# Reasons to wait that no time mends.
_HOPELESS = frozenset({"ErrImageNeverPull", "InvalidImageName"})
_EARLY = frozenset({"ContainerCreating", "PodInitializing"})


def pod_ready(live: Object, look: Look) -> Verdict:
    """Judge a Pod."""
    phase = dig(live, "status", "phase")
    if phase == "Succeeded":
        return Verdict(True, "the Pod has run to its end")
    trouble = container_troubles(live)
    hopeless = any(reason in _HOPELESS for _name, reason, _text in trouble)
    if phase == "Failed":
        why = told(live.get("status") or {}) or troubles_line(trouble) or "a container failed"
        return Verdict(False, why, failed=True)
    if condition(live, "Ready").get("status") == "True":
        return Verdict(True, "the Pod is ready")
    if trouble:
        return Verdict(False, troubles_line(trouble), failed=hopeless)
    scheduled = condition(live, "PodScheduled")
    if scheduled.get("status") == "False":
        return Verdict(False, told(scheduled))
    ready = condition(live, "Ready")
    return Verdict(False, told(ready) or "waiting for the Pod to start")


def container_troubles(pod: Object) -> list[tuple[str, str, str]]:
    """Return (container, reason, text) of every container that is not well."""
    found: list[tuple[str, str, str]] = []
    for section in ("initContainerStatuses", "containerStatuses"):
        for each in dig(pod, "status", section, default=[]):
            trouble = _trouble(each)
            if trouble is not None:
                found.append((each.get("name", ""), *trouble))
    return found


def hopeless(pod: Object) -> bool:
    """Tell whether a Pod can't start, whatever time passes."""
    return any(reason in _HOPELESS for _name, reason, _text in container_troubles(pod))


def troubles_line(found: list[tuple[str, str, str]]) -> str:
    """Return the troubles of containers as one line."""
    return "; ".join(
        f"container {name}: [{reason}]{' ' if text else ''}{text}" for name, reason, text in found
    )


def _trouble(status: Object) -> tuple[str, str] | None:
    if status.get("ready"):
        return None
    waiting = dig(status, "state", "waiting", default={})
    ended = dig(status, "state", "terminated", default={})
    before = dig(status, "lastState", "terminated", default={})
    if waiting.get("reason") and waiting["reason"] not in _EARLY:
        text = " ".join(str(waiting.get("message", "")).split())
        if waiting["reason"] == "CrashLoopBackOff" and before:
            text = _ended(before)
        return waiting["reason"], text
    if ended and (ended.get("exitCode", 0) != 0 or ended.get("reason") not in (None, "Completed")):
        return ended.get("reason") or "Error", _ended(ended)
    if before and before.get("exitCode", 0) != 0:
        return before.get("reason") or "Error", _ended(before)
    return None


def _ended(state: Object) -> str:
    message = " ".join(str(state.get("message", "")).split())
    return f"it ended with exit code {state.get('exitCode', '?')}" + (f": {message}" if message else "")
