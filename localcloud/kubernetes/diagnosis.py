"""Why an object is not ready: its conditions, its Pods, their events and the last lines they wrote."""

from __future__ import annotations

from typing import Any

from localcloud.kubernetes.cluster import Cluster, LiveLook
from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.problems import ApiError
from localcloud.kubernetes.readiness.pod import container_troubles, hopeless, troubles_line
from localcloud.kubernetes.readiness.verdict import condition, labels_selector, told
from localcloud.resource import LocalError

Object = dict[str, Any]

_EVENTS = 4
_LOG_LINES = 5
_PODS = 20
_LOG_WIDTH = 400


def pods_of(cluster: Cluster, live: Object) -> list[Object]:
    """Return the Pods that an object runs, the newest first; an empty list for one that runs none."""
    if live.get("kind") == "Pod":
        return [live]
    selector = dig(live, "spec", "selector")
    if live.get("kind") in ("Service", "ReplicationController"):
        selector = {"matchLabels": selector}
    if live.get("kind") not in _OWNERS or not selector:
        return []
    namespace = dig(live, "metadata", "namespace")
    found = LiveLook(cluster).list("v1", "Pod", namespace, labels_selector(selector))
    return sorted(found, key=lambda pod: dig(pod, "metadata", "creationTimestamp", default=""), reverse=True)


_OWNERS = frozenset(
    {"DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "Service", "StatefulSet"}
)


def troubles(pods: list[Object]) -> tuple[str, bool]:
    """Return the first trouble of the newest Pod that has one, and whether it can't end well."""
    for pod in pods[:_PODS]:
        line = troubles_line(container_troubles(pod)) or _unscheduled(pod)
        if line:
            return f"Pod {dig(pod, 'metadata', 'name')}: {line}", hopeless(pod)
    return "", False


def explain(cluster: Cluster, live: Object) -> list[str]:
    """Return what is known of why an object is not ready, the most telling first."""
    pods = pods_of(cluster, live)
    found = [line for line in (_conditions(live), troubles(pods)[0]) if line]
    sick = next((pod for pod in pods if container_troubles(pod) or _unscheduled(pod)), None)
    for each in [live] if sick is None or sick is live else [sick, live]:
        found += _events(cluster, each)
    if sick is not None:
        found += _logs(cluster, sick)
    return list(dict.fromkeys(found))


def _conditions(live: Object) -> str:
    bad: list[str] = []
    for each in dig(live, "status", "conditions", default=[]):
        failing = each.get("type") in ("Failed", "ReplicaFailure")
        beside = each.get("type") in ("FailureTarget", "Suspended")
        if (each.get("status") == "False") != failing and not beside and told(each):
            bad.append(f"{each.get('type')}={each.get('status')} {told(each)}")
    return f"conditions: {', '.join(bad)}" if bad else ""


def _unscheduled(pod: Object) -> str:
    found = condition(pod, "PodScheduled")
    return told(found) if found.get("status") == "False" else ""


def _events(cluster: Cluster, obj: Object) -> list[str]:
    uid, namespace = dig(obj, "metadata", "uid"), dig(obj, "metadata", "namespace")
    if not uid:
        return []
    try:
        answer = cluster.list(
            cluster.served("v1", "Event"),
            namespace or "default",
            fieldSelector=f"involvedObject.uid={uid},type=Warning",
        )
    except LocalError:
        return []
    events = sorted(answer.get("items", []), key=_when)
    lines = [f"[{each.get('reason')}] {' '.join(str(each.get('message', '')).split())}" for each in events]
    latest = list(dict.fromkeys(reversed(lines)))[:_EVENTS]
    if not latest:
        return []
    return [f"events of {obj.get('kind', 'Pod')} {dig(obj, 'metadata', 'name')}: {', '.join(latest)}"]


def _when(event: Object) -> str:
    return event.get("lastTimestamp") or event.get("eventTime") or dig(event, "metadata", "creationTimestamp")


def _logs(cluster: Cluster, pod: Object) -> list[str]:
    """Return the last lines of the first failing container, of the run that failed."""
    namespace, name = dig(pod, "metadata", "namespace"), dig(pod, "metadata", "name")
    for container, _reason, _text in container_troubles(pod):
        status = next(
            each
            for section in ("initContainerStatuses", "containerStatuses")
            for each in dig(pod, "status", section, default=[])
            if each.get("name") == container
        )
        running = bool(dig(status, "state", "running")) or bool(dig(status, "state", "terminated"))
        previous = not running and bool(dig(status, "lastState", "terminated"))
        if not running and not previous:
            continue
        try:
            text = cluster.client.logs(namespace, name, container, previous=previous, lines=_LOG_LINES)
        except (ApiError, LocalError):
            continue
        lines = [" ".join(line.split())[:_LOG_WIDTH] for line in text.splitlines() if line.strip()]
        if lines:
            return [f"last log lines of container {container}: {' | '.join(lines)}"]
    return []
