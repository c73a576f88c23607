from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.readiness.claim import claim_ready, volume_ready
from localcloud.kubernetes.readiness.controller import quota_ready, replication_ready, secret_ready
from localcloud.kubernetes.readiness.daemonset import daemonset_ready
from localcloud.kubernetes.readiness.definition import definition_ready
from localcloud.kubernetes.readiness.deployment import deployment_ready
from localcloud.kubernetes.readiness.ingress import ingress_ready
from localcloud.kubernetes.readiness.job import job_ready
from localcloud.kubernetes.readiness.jsonpath import pick
from localcloud.kubernetes.readiness.pod import container_troubles, pod_ready
from localcloud.kubernetes.readiness.rules import judged_on_read, rule_of, waited_kinds
from localcloud.kubernetes.readiness.service import count_endpoints, service_ready
from localcloud.kubernetes.readiness.statefulset import statefulset_ready
from localcloud.kubernetes.readiness.verdict import Verdict, labels_selector
from localcloud.kubernetes.readiness.waitfor import parse_wait_for

Object = dict[str, Any]


class Look:
    """A cluster that holds what the test says."""

    def __init__(self, *objects: Object, waited: float = 0.0) -> None:
        self._objects = objects
        self.waited = waited

    def find(self, api_version: str, kind: str, namespace: str | None, name: str) -> Object | None:
        return next((each for each in self._objects if (each["kind"], each["name"]) == (kind, name)), None)

    def list(self, api_version: str, kind: str, namespace: str | None, selector: str) -> list[Object]:
        return [each for each in self._objects if each["kind"] == kind]


def true(*types: str, **more: str) -> list[Object]:
    return [{"type": each, "status": "True", **more} for each in types]


def deployment(**status: Any) -> Object:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": 2},
        "status": {
            "observedGeneration": 2,
            "replicas": 2,
            "updatedReplicas": 2,
            "availableReplicas": 2,
            "conditions": true("Available", "Progressing"),
            **status,
        },
    }


def test_a_deployment_is_ready() -> None:
    assert deployment_ready(deployment(), Look()).ready


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ({"observedGeneration": 1}, "take notice"),
        ({"updatedReplicas": 1}, "1 of 2 Pods are of the present version"),
        ({"replicas": 3}, "1 Pods of an earlier version"),
        ({"availableReplicas": 1}, "1 of 2 Pods are available"),
        ({"conditions": []}, "available"),
        (
            {"conditions": true("ReplicaFailure", reason="FailedCreate", message="quota")},
            "FailedCreate.*quota",
        ),
    ],
)
def test_a_deployment_is_not_ready_yet(status: Object, says: str) -> None:
    verdict = deployment_ready(deployment(**status), Look())
    assert not verdict.ready and not verdict.failed
    assert re.search(says, verdict.status)


def test_a_deployment_without_progress_has_failed() -> None:
    stuck = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "m"}]
    verdict = deployment_ready(deployment(conditions=stuck), Look())
    assert verdict.failed and "ProgressDeadlineExceeded" in verdict.status


def test_a_paused_deployment_and_one_of_no_pods_are_ready() -> None:
    paused = deployment(updatedReplicas=0)
    paused["spec"]["paused"] = True
    assert deployment_ready(paused, Look()).ready
    none = deployment(replicas=0, updatedReplicas=0, availableReplicas=0)
    none["spec"]["replicas"] = 0
    assert deployment_ready(none, Look()).ready


COUNTS = st.integers(0, 4)


@given(wanted=COUNTS, updated=COUNTS, total=COUNTS, available=COUNTS, generation=COUNTS, seen=COUNTS)
def test_a_ready_deployment_has_what_was_asked_for(
    wanted: int, updated: int, total: int, available: int, generation: int, seen: int
) -> None:
    live = deployment(
        updatedReplicas=updated, replicas=total, availableReplicas=available, observedGeneration=seen
    )
    live["spec"]["replicas"], live["metadata"]["generation"] = wanted, generation
    if deployment_ready(live, Look()).ready:
        assert seen >= generation and available >= updated >= wanted and total <= updated


def stateful(**status: Any) -> Object:
    return {
        "metadata": {"generation": 2},
        "spec": {"replicas": 2},
        "status": {
            "observedGeneration": 2,
            "replicas": 2,
            "readyReplicas": 2,
            "updatedReplicas": 2,
            "currentRevision": "b",
            "updateRevision": "b",
            **status,
        },
    }


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        ({}, True),
        ({"observedGeneration": 1}, False),
        ({"readyReplicas": 1}, False),
        ({"replicas": 3}, False),
        ({"currentRevision": "a"}, False),
        ({"currentRevision": ""}, False),
    ],
)
def test_statefulset(status: Object, ready: bool) -> None:
    assert statefulset_ready(stateful(**status), Look()).ready is ready


def test_a_statefulset_with_a_partition_or_updated_by_hand() -> None:
    parted = stateful(updatedReplicas=1, currentRevision="a")
    parted["spec"]["updateStrategy"] = {"rollingUpdate": {"partition": 1}}
    assert statefulset_ready(parted, Look()).ready
    by_hand = stateful(updatedReplicas=0, currentRevision="a")
    by_hand["spec"]["updateStrategy"] = {"type": "OnDelete"}
    assert statefulset_ready(by_hand, Look()).ready


def test_daemonset() -> None:
    numbers = ("currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")
    full: Object = {"desiredNumberScheduled": 2, **dict.fromkeys(numbers, 2)}
    assert daemonset_ready({"status": full}, Look()).ready
    assert not daemonset_ready({"status": {}}, Look()).ready
    for name in numbers:
        assert not daemonset_ready({"status": {**full, name: 1}}, Look()).ready


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({"conditions": true("Complete")}, (True, False)),
        ({"conditions": true("Failed", reason="BackoffLimitExceeded")}, (False, True)),
        ({"conditions": true("FailureTarget", reason="BackoffLimitExceeded")}, (False, False)),
        ({"startTime": "x", "active": 1}, (False, False)),
        ({}, (False, False)),
    ],
)
def test_job(status: Object, verdict: tuple[bool, bool]) -> None:
    found = job_ready({"status": status}, Look())
    assert (found.ready, found.failed) == verdict


def waiting(reason: str, **more: Any) -> Object:
    return {"name": "c", "ready": False, "state": {"waiting": {"reason": reason, "message": "m"}}, **more}


@pytest.mark.parametrize(
    ("status", "ready", "failed", "says"),
    [
        ({"phase": "Running", "conditions": true("Ready")}, True, False, "ready"),
        ({"phase": "Succeeded"}, True, False, "end"),
        ({"phase": "Failed", "reason": "Evicted", "message": "disk"}, False, True, "Evicted"),
        ({"containerStatuses": [waiting("ErrImageNeverPull")]}, False, True, "ErrImageNeverPull"),
        ({"containerStatuses": [waiting("InvalidImageName")]}, False, True, "InvalidImageName"),
        ({"containerStatuses": [waiting("ImagePullBackOff")]}, False, False, "ImagePullBackOff"),
        ({"containerStatuses": [waiting("CreateContainerConfigError")]}, False, False, "ConfigError"),
        ({"initContainerStatuses": [waiting("CrashLoopBackOff")]}, False, False, "CrashLoopBackOff"),
        ({"containerStatuses": [waiting("ContainerCreating")]}, False, False, "waiting"),
        (
            {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
            False,
            False,
            "Unschedulable",
        ),
    ],
)
def test_pod(status: Object, ready: bool, failed: bool, says: str) -> None:
    found = pod_ready({"status": status}, Look())
    assert (found.ready, found.failed) == (ready, failed)
    assert says in found.status


def test_a_crash_is_told_with_its_exit_code() -> None:
    crash = waiting("CrashLoopBackOff", lastState={"terminated": {"exitCode": 3, "message": "boom\nbang"}})
    assert container_troubles({"status": {"containerStatuses": [crash]}}) == [
        ("c", "CrashLoopBackOff", "it ended with exit code 3: boom bang")
    ]


def endpoint(uid: str, ready: bool, **conditions: bool) -> Object:
    return {"targetRef": {"uid": uid}, "conditions": {"ready": ready, **conditions}}


def slices(*endpoints: Object) -> Object:
    return {"kind": "EndpointSlice", "name": "s", "endpoints": list(endpoints)}


def service(**spec: Any) -> Object:
    return {"metadata": {"name": "web", "namespace": "n"}, "spec": {"selector": {"a": "b"}, **spec}}


@pytest.mark.parametrize(
    ("live", "look", "ready"),
    [
        (service(), Look(slices(endpoint("1", True))), True),
        (service(), Look(slices(endpoint("1", True), endpoint("2", False))), False),
        (service(), Look(slices(endpoint("1", True), endpoint("2", False, terminating=True))), True),
        (service(), Look(), False),
        (service(), Look(waited=11), True),
        (service(clusterIP="None"), Look(), True),
        (service(type="ExternalName"), Look(), True),
        (service(selector=None), Look(), True),
        (service(type="LoadBalancer"), Look(slices(endpoint("1", True))), False),
    ],
)
def test_service(live: Object, look: Look, ready: bool) -> None:
    assert service_ready(live, look).ready is ready


def test_an_endpoint_of_two_families_counts_once() -> None:
    assert count_endpoints([slices(endpoint("1", True)), slices(endpoint("1", True))]) == (1, 0)


def test_ingress() -> None:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    live = {
        "spec": {"rules": [{"http": {"paths": [{"backend": backend}, {"backend": {"resource": {}}}]}}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "1.1.1.1"}]}},
    }
    web = {"kind": "Service", "name": "web"}
    assert ingress_ready(live, Look(web)).ready
    assert "web" in ingress_ready(live, Look()).status
    assert ingress_ready(live, Look(waited=61)).ready
    assert not ingress_ready({**live, "status": {}}, Look(web)).ready


def test_claims_and_volumes() -> None:
    lazy = {"kind": "StorageClass", "name": "s", "volumeBindingMode": "WaitForFirstConsumer"}
    eager = {"kind": "StorageClass", "name": "s", "volumeBindingMode": "Immediate"}
    pending: Object = {"spec": {"storageClassName": "s"}, "status": {"phase": "Pending"}}
    assert claim_ready(pending, Look(lazy)).ready
    assert not claim_ready(pending, Look(eager)).ready
    assert "not there" in claim_ready(pending, Look()).status
    assert claim_ready({"status": {"phase": "Bound"}}, Look()).ready
    assert claim_ready({"status": {"phase": "Lost"}}, Look()).failed
    assert volume_ready({"status": {"phase": "Available"}}, Look()).ready
    assert volume_ready({"status": {"phase": "Failed"}}, Look()).failed


def test_definition() -> None:
    assert definition_ready({"status": {"conditions": true("Established", "NamesAccepted")}}, Look()).ready
    taken = [{"type": "NamesAccepted", "status": "False", "reason": "ListKindConflict"}]
    assert definition_ready({"status": {"conditions": taken}}, Look()).failed
    assert not definition_ready({}, Look()).ready


def test_what_controllers_fill_in() -> None:
    assert replication_ready({"spec": {"replicas": 1}, "status": {"availableReplicas": 1}}, Look()).ready
    quota: Object = {"spec": {"hard": {"cpu": "1"}}}
    assert not quota_ready(quota, Look()).ready
    assert quota_ready({**quota, "status": {"hard": {"cpu": "1000m"}}}, Look()).ready
    token = {"type": "kubernetes.io/service-account-token"}
    assert not secret_ready(token, Look()).ready
    assert secret_ready({**token, "data": {"token": "x"}}, Look()).ready
    assert secret_ready({"type": "Opaque"}, Look()).ready


RULES = [
    rule
    for kind in waited_kinds()
    for group in ("", "apps", "batch", "networking.k8s.io", "apiextensions.k8s.io")
    if (rule := rule_of(GroupVersionKind(group, "v1", kind)))
]
STATUS = st.dictionaries(
    st.sampled_from(
        ["phase", "conditions", "replicas", "readyReplicas", "loadBalancer", "observedGeneration"]
    ),
    st.none(),
)


@given(status=STATUS, rule=st.sampled_from(RULES))
def test_an_object_without_any_status_breaks_no_rule(status: Object, rule: Any) -> None:
    live = {"metadata": {"name": "a", "namespace": "b", "generation": 1}, "spec": {}, "status": status}
    assert isinstance(rule(live, Look()), Verdict)


def test_kinds_without_a_rule_are_ready_at_once() -> None:
    assert rule_of(GroupVersionKind("", "v1", "ConfigMap")) is None
    assert not judged_on_read(GroupVersionKind("", "v1", "PersistentVolumeClaim"))
    assert judged_on_read(GroupVersionKind("apps", "v1", "Deployment"))


@pytest.mark.parametrize(
    ("annotation", "ready"),
    [
        ("condition=Ready", True),
        ("condition=ready=true", True),
        ("condition=Synced", False),
        ("condition=Synced=False", True),
        ("jsonpath={.status.phase}", True),
        ("jsonpath={.status.phase}=Bound", True),
        ("jsonpath={.status.phase}=Lost", False),
        ("jsonpath={.status.none}", False),
        ('jsonpath={.status.conditions[?(@.type=="Ready")].status}=True', True),
        ("jsonpath={.metadata.labels['a.b/c']}=d", True),
        ("jsonpath={.status.items[*].n}=1", True),
        ('["condition=Ready", "jsonpath={.status.phase}=Bound"]', True),
        ('["condition=Ready", "condition=Synced"]', False),
    ],
)
def test_wait_for(annotation: str, ready: bool) -> None:
    live = {
        "metadata": {"labels": {"a.b/c": "d"}},
        "status": {
            "phase": "Bound",
            "items": [{"n": 1}, {"n": 1}],
            "conditions": [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "False"}],
        },
    }
    assert parse_wait_for(annotation)(live, Look()).ready is ready


@pytest.mark.parametrize(
    "annotation", ["", "Ready", "condition=", "jsonpath=", "jsonpath={.a[}", "jsonpath={.a}x", "[]", "wait=1"]
)
def test_a_wait_for_that_is_not_understood(annotation: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_wait_for(annotation)


def test_json_paths() -> None:
    assert pick({"a": [1, 2, 3]}, "{.a[-1]}") == [3]
    assert pick({"a": {"b": 1}}, "$.a.b") == [1]
    assert pick({"a": 1}, "{.a.b}") == []


def test_label_selectors() -> None:
    selector = {
        "matchLabels": {"a": "b"},
        "matchExpressions": [
            {"key": "c", "operator": "In", "values": ["d", "e"]},
            {"key": "f", "operator": "DoesNotExist"},
        ],
    }
    assert labels_selector(selector) == "a=b,c in (d,e),!f"
    assert labels_selector(None) == ""
