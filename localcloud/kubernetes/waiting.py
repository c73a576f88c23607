"""Waiting for an object to be ready, or to be gone, with watches that end soon enough to be cancelled."""

from __future__ import annotations

import time
from typing import Any

from localcloud.kubernetes.cluster import Cluster, LiveLook
from localcloud.kubernetes.diagnosis import explain, pods_of, troubles
from localcloud.kubernetes.discovery import Served
from localcloud.kubernetes.objects import dig
from localcloud.kubernetes.problems import ApiError, Unreachable
from localcloud.kubernetes.readiness.service import SLICE_LABEL, has_endpoints, service_ready
from localcloud.kubernetes.readiness.verdict import Readiness, Verdict
from localcloud.resource import Cancelled, LocalError, Operation

Object = dict[str, Any]

# How long one watch lasts: a cancellation is seen, and the Pods are looked at, when it ends.
_WATCH_SECONDS = 1
# How often the Pods of an object that is not ready yet are looked at.
_PODS_EVERY = 2.0
# The pause after an answer that the server is not there for a moment.
_PAUSE = 0.5


class Waiter:
    """Waits on one object of one cluster for one operation."""

    def __init__(self, cluster: Cluster, served: Served, operation: Operation) -> None:
        self._cluster = cluster
        self._served = served
        self._operation = operation
        self._said = ""
        self._looked = 0.0
        self._trouble = ("", False)

    def until_ready(self, live: Object, rule: Readiness) -> Object:
        """Return the object once `rule` calls it ready; raise LocalError with the reasons if it never is."""
        look = LiveLook(self._cluster)
        verdict = rule(live, look)
        while True:
            if verdict.ready:
                return live
            trouble, hopeless = ("", False) if verdict.failed else self._pods(live)
            if verdict.failed or hopeless:
                raise LocalError(self._reasons(live, verdict, "can't become ready"))
            self._say("; ".join(part for part in (verdict.status, trouble) if part))
            self._pause(live, verdict)
            for found in self._changes(live, rule):
                if found is None:
                    raise LocalError(f"{self._name(live)} was deleted while it was waited for")
                live = found
                verdict = rule(live, look)
                if verdict.ready or verdict.failed:
                    break

    def until_gone(self, live: Object) -> None:
        """Return once the object is no longer there (or another one bears its name)."""
        namespace, name = dig(live, "metadata", "namespace"), dig(live, "metadata", "name")
        uid = dig(live, "metadata", "uid")
        while True:
            found = self._cluster.find(self._served, namespace, name)
            if found is None or dig(found, "metadata", "uid") != uid:
                return
            finalizers = dig(found, "metadata", "finalizers", default=[])
            if finalizers == ["foregroundDeletion"]:
                self._say("waiting for the end of what it owns")
            elif finalizers:
                self._say(f"waiting for its finalizers: {', '.join(finalizers)}")
            try:
                self._operation.pause(0)
            except Cancelled:
                raise
            except LocalError as error:
                held = f"; its finalizers: {', '.join(finalizers)}" if finalizers else ""
                raise LocalError(f"{error}{held}{_leftovers(found)}") from None
            try:
                if any(change == "DELETED" for change, _obj in self._watch(found)):
                    return
            except (ApiError, Unreachable):
                self._operation.pause(_PAUSE)

    # -- inside -------------------------------------------------------------------------------------

    def _changes(self, live: Object, rule: Readiness) -> Any:
        """Yield the object after each change that may matter; None when it is gone."""
        namespace, name = dig(live, "metadata", "namespace"), dig(live, "metadata", "name")
        try:
            if rule is service_ready and has_endpoints(live):
                yield from self._slice_changes(live, namespace, name)
                return
            for kind, obj in self._watch(live):
                if kind == "DELETED":
                    yield None
                    return
                if kind != "BOOKMARK":
                    live = obj
                    yield live
            # A judgement may look at other objects, whose changes are not watched.
            yield live
        except ApiError as error:
            if error.status not in (404, 410):  # a version too old, or a restart of the server
                self._operation.pause(_PAUSE)
            yield self._cluster.find(self._served, namespace, name)
        except Unreachable:
            self._operation.pause(_PAUSE)
            yield live

    def _watch(self, live: Object) -> Any:
        metadata = live["metadata"]
        return self._cluster.client.watch(
            self._served.collection(metadata.get("namespace")),
            version=metadata.get("resourceVersion", ""),
            seconds=_WATCH_SECONDS,
            fieldSelector=f"metadata.name={metadata['name']}",
        )

    def _slice_changes(self, live: Object, namespace: str | None, name: str) -> Any:
        """Yield the Service after each change of its endpoints."""
        slices = self._cluster.served("discovery.k8s.io/v1", "EndpointSlice")
        selector = f"{SLICE_LABEL}={name}"
        version = dig(
            self._cluster.list(slices, namespace, labelSelector=selector), "metadata", "resourceVersion"
        )
        yield self._cluster.find(self._served, namespace, name)
        for _change in self._cluster.client.watch(
            slices.collection(namespace), version=version, seconds=_WATCH_SECONDS, labelSelector=selector
        ):
            yield live

    def _pods(self, live: Object) -> tuple[str, bool]:
        """Return what is wrong with the object's Pods, and whether it can't end well; look now and then."""
        due = time.monotonic() - self._looked >= _PODS_EVERY
        if due and live.get("kind") not in ("Pod", "Service"):
            self._looked = time.monotonic()
            self._trouble = troubles(pods_of(self._cluster, live))
        return self._trouble

    def _pause(self, live: Object, verdict: Verdict) -> None:
        """Let a cancellation or the time-out end the wait, with the reasons."""
        try:
            self._operation.pause(0)
        except Cancelled:
            raise
        except LocalError:
            seconds = f"{self._operation.timeout:g} s"
            raise LocalError(self._reasons(live, verdict, f"not ready within {seconds}")) from None

    def _reasons(self, live: Object, verdict: Verdict, what: str) -> str:
        told = [verdict.status] if verdict.status else []
        own = f"{live.get('kind')} {dig(live, 'metadata', 'name')}: "
        for part in explain(self._cluster, live):
            if not any(part.removeprefix(own) in earlier for earlier in told):
                told.append(part)
        return f"{self._name(live)} {what}: {'; '.join(told)}"

    def _name(self, live: Object) -> str:
        namespace, name = dig(live, "metadata", "namespace"), dig(live, "metadata", "name")
        return f"{self._served.kind.kind} {f'{namespace}/' if namespace else ''}{name}"

    def _say(self, status: str) -> None:
        if status and status != self._said:
            self._said = status
            self._operation.say(status)


def _leftovers(live: Object) -> str:
    """Return what a Namespace that does not end says is left in it."""
    lines = [
        each.get("message", "")
        for each in dig(live, "status", "conditions", default=[])
        if each.get("status") == "True" and each.get("message")
    ]
    return f"; {'; '.join(lines)}" if lines else ""
