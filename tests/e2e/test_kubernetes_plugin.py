"""The Kubernetes plugin against a real API server, driven as the engine drives it."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "contract"))

from control_plane import CAN_RUN, control_plane
from kubernetes import client, config
from kubernetes_cases import CASES, DEFINITION, Case, merged, template
from lifecycle import Engine, Refused  # pyright: ignore[reportMissingImports] - tests/contract
from pretended_kubelet import Kubelet
from pulumi.runtime.proto import provider_pb2

from localcloud import plugin, wire
from localcloud.journal import Journal
from localcloud.kubernetes.kind import KubernetesType
from localcloud.kubernetes.package import KubernetesPackage

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not CAN_RUN, reason="needs etcd"),
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore:Unverified HTTPS"),
]

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
SERVICE = "kubernetes:core/v1:Service"
Inputs = dict[str, Any]


class Place:
    """A namespace of its own in the control plane, the plugin, and a way past it."""

    def __init__(self, kubeconfig: Path, **settings: Any) -> None:
        self.kubeconfig = kubeconfig
        self.namespace = f"t-{uuid4().hex[:8]}"
        self.core: Any = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        self.core.create_namespace({"metadata": {"name": self.namespace}})
        self.engine = self.another(**settings)

    def another(self, **settings: Any) -> Engine:
        engine = Engine(plugin.load("kubernetes"))
        engine.configure({"kubeconfig": str(self.kubeconfig), "namespace": self.namespace, **settings})
        return engine

    def patch(self, token: str, id: str, body: Inputs, manager: str = "somebody") -> None:
        package = self.engine.provider._package
        assert isinstance(package, KubernetesPackage)
        kind = package.resource(token)
        assert isinstance(kind, KubernetesType)
        _served, path = kind._where.place(
            (id.split("/", maxsplit=1)[0] if "/" in id else None, id.rsplit("/", maxsplit=1)[-1])
        )
        connection = package.cluster().client
        connection._json("PATCH", path, {"fieldManager": manager}, body, "application/merge-patch+json")

    def make(self, token: str, inputs: Inputs) -> tuple[str, Inputs, Inputs]:
        checked = self.engine.checked(token, inputs)
        id, state = self.engine.create(token, checked)
        return id, checked, state


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with control_plane(tmp_path_factory.mktemp("control-plane")) as path:
        kubelet = Kubelet(str(path))
        place = Place(path)
        place.make("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", DEFINITION)
        place.make(
            "kubernetes:storage.k8s.io/v1:StorageClass",
            {
                "metadata": {"name": "lazy"},
                "provisioner": "kubernetes.io/no-provisioner",
                "volumeBindingMode": "WaitForFirstConsumer",
            },
        )
        yield path
        kubelet.stop()


@pytest.fixture
def place(kubeconfig: Path) -> Place:
    return Place(kubeconfig)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.token.rsplit(":", 1)[-1])
def test_lifecycle(place: Place, case: Case) -> None:
    engine, token = place.engine, case.token
    inputs = engine.checked(token, case.create)
    assert inputs["metadata"]["name"].startswith("thing-")

    preview = wire.decode(engine.create_raw(token, inputs, preview=True).properties)
    assert preview["metadata"]["name"] == inputs["metadata"]["name"]
    where = (
        inputs["metadata"]["name"] if case.cluster_wide else f"{place.namespace}/{inputs['metadata']['name']}"
    )
    assert engine.read(token, where).id == ""

    id, state = engine.create(token, inputs)
    assert id == where
    for name in case.secrets:
        answer = engine.provider.Read(provider_pb2.ReadRequest(id=id, urn=_urn(token)), None).properties
        assert wire.SECRET_SIGNATURE in str(answer.fields[name])

    again = engine.checked(token, case.create, inputs)
    assert again == inputs
    assert not engine.diff(token, id, inputs, state, again).diffs
    found = engine.read(token, id, inputs, state)
    assert found.inputs == inputs

    changed = engine.checked(token, merged(case.create, case.update), inputs)
    answer = engine.diff(token, id, inputs, state, changed)
    assert answer.diffs and not answer.replaces
    engine.update(token, id, inputs, state, changed, preview=True)
    state = engine.update(token, id, inputs, state, changed)
    assert engine.read(token, id, changed, state).inputs == changed

    other = engine.checked(token, merged(case.create, case.replace), changed)
    answer = engine.diff(token, id, changed, state, other)
    assert answer.replaces
    assert not answer.deleteBeforeReplace

    place.patch(token, id, case.drift)
    drifted = _inputs_read(engine, token, id, changed, state)
    assert drifted.get(case.drifted) != changed[case.drifted]
    assert {name for name in changed if drifted.get(name) != changed[name]} == {case.drifted}

    assert engine.read(token, id).inputs["metadata"]["name"] == inputs["metadata"]["name"]
    engine.delete(token, id, changed, state)
    assert engine.read(token, id, changed, state).id == ""
    engine.delete(token, id, changed, state)


def _inputs_read(engine: Engine, token: str, id: str, inputs: Inputs, state: Inputs) -> Inputs:
    """Return the inputs that a read finds, of an object that may not be ready just now."""
    try:
        return engine.read(token, id, inputs, state).inputs
    except Refused as error:
        assert error.partial is not None
        return wire.decode(error.partial.inputs)


def _urn(token: str) -> str:
    return f"urn:pulumi:test::understudy::{token}::thing"


def _deployment(image: str, **annotations: str) -> Inputs:
    return {
        "metadata": {"name": "web", "annotations": annotations},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "x"}},
            "template": template(image),
        },
    }


def test_drift_made_with_kubectl_is_put_right_without_asking(place: Place) -> None:
    id, inputs, state = place.make(DEPLOYMENT, _deployment("ok:1"))
    place.patch(DEPLOYMENT, id, {"spec": {"replicas": 3}}, manager="kubectl-edit")
    after = place.engine.update(DEPLOYMENT, id, inputs, state, inputs)
    assert after["spec"]["replicas"] == 1


def test_a_field_of_another_manager_is_an_error_that_names_both(place: Place) -> None:
    id, inputs, state = place.make(DEPLOYMENT, _deployment("ok:1"))
    place.patch(DEPLOYMENT, id, {"spec": {"replicas": 3}}, manager="autoscaler")
    changed = place.engine.checked(DEPLOYMENT, merged(_deployment("ok:1"), {"spec": {"replicas": 2}}), inputs)
    for preview in (True, False):
        with pytest.raises(Refused, match=r"\.spec\.replicas \(set by autoscaler\).*patchForce"):
            place.engine.update(DEPLOYMENT, id, inputs, state, changed, preview=preview)
    forced = merged(changed, {"metadata": {"annotations": {"pulumi.com/patchForce": "true"}}})
    assert place.engine.update(DEPLOYMENT, id, inputs, state, forced)["spec"]["replicas"] == 2


def test_a_field_that_the_program_drops_is_removed(place: Place) -> None:
    id, inputs, state = place.make(CONFIG_MAP, {"data": {"a": "1", "b": "2"}})
    less = place.engine.checked(CONFIG_MAP, {"data": {"a": "1"}}, inputs)
    assert place.engine.update(CONFIG_MAP, id, inputs, state, less)["data"] == {"a": "1"}


def test_what_somebody_else_made_is_not_taken_over(place: Place) -> None:
    place.core.create_namespaced_config_map(
        place.namespace, {"metadata": {"name": "theirs"}, "data": {"a": "1"}}
    )
    inputs = place.engine.checked(CONFIG_MAP, {"metadata": {"name": "theirs"}, "data": {"a": "2"}})
    with pytest.raises(Refused, match="there already"):
        place.engine.create(CONFIG_MAP, inputs)
    adopting = place.another(upsertExistingObjects="true", enablePatchForce="true")
    assert adopting.create(CONFIG_MAP, inputs)[1]["data"] == {"a": "2"}


def test_a_create_after_one_that_was_cut_short_goes_on_with_its_object(place: Place) -> None:
    first = place.make(CONFIG_MAP, {"metadata": {"name": "mine"}, "data": {"a": "1"}})
    second = place.make(CONFIG_MAP, {"metadata": {"name": "mine"}, "data": {"a": "2"}})
    assert first[0] == second[0] and second[2]["data"] == {"a": "2"}
    assert first[2]["metadata"]["uid"] == second[2]["metadata"]["uid"]


def test_a_pod_that_crashes_ends_in_an_error_with_its_reasons(place: Place) -> None:
    inputs = place.engine.checked(DEPLOYMENT, _deployment("crash:1", **{"pulumi.com/timeoutSeconds": "4"}))
    began = time.monotonic()
    with pytest.raises(Refused) as caught:
        place.engine.create(DEPLOYMENT, inputs)
    assert 3.5 < time.monotonic() - began < 8
    message = str(caught.value)
    assert "not ready within 4 s" in message
    assert "CrashLoopBackOff" in message and "exit code 3" in message
    assert "MinimumReplicasUnavailable" in message
    assert "\n" not in message
    assert caught.value.partial is not None
    assert caught.value.partial.id == f"{place.namespace}/web"
    state = wire.decode(caught.value.partial.properties)
    with pytest.raises(Refused) as caught:
        place.engine.read(DEPLOYMENT, f"{place.namespace}/web", inputs, state)
    assert caught.value.partial is not None
    mended = place.engine.checked(DEPLOYMENT, _deployment("ok:1"), inputs)
    after = place.engine.update(DEPLOYMENT, f"{place.namespace}/web", inputs, state, mended)
    assert after["status"]["availableReplicas"] == 1


def test_an_image_that_may_not_be_pulled_fails_at_once(place: Place) -> None:
    began = time.monotonic()
    with pytest.raises(Refused, match="ErrImageNeverPull"):
        place.make(DEPLOYMENT, _deployment("never:1"))
    assert time.monotonic() - began < 10


def test_skip_await_does_not_wait(place: Place) -> None:
    began = time.monotonic()
    place.make(DEPLOYMENT, _deployment("crash:1", **{"pulumi.com/skipAwait": "true"}))
    assert time.monotonic() - began < 2


def test_wait_for_waits_for_what_it_says(place: Place) -> None:
    annotations = {"pulumi.com/waitFor": "jsonpath={.data.ready}=yes"}
    inputs = {"metadata": {"name": "late", "annotations": annotations}, "data": {"a": "1"}}
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(place.make(CONFIG_MAP, inputs)))
    thread.start()
    time.sleep(1.5)
    assert not made
    place.patch(CONFIG_MAP, f"{place.namespace}/late", {"data": {"ready": "yes"}})
    thread.join(10)
    assert made


def test_a_service_waits_for_the_pods_behind_it(place: Place) -> None:
    spec = {"selector": {"app": "x"}, "ports": [{"port": 80}]}
    made: list[Any] = []
    inputs = {"metadata": {"name": "web"}, "spec": spec}
    thread = threading.Thread(target=lambda: made.append(place.make(SERVICE, inputs)))
    thread.start()
    time.sleep(1)
    assert not made
    place.make(DEPLOYMENT, _deployment("slow:1"))
    thread.join(10)
    assert made


def test_cancel_ends_a_wait_and_leaves_the_object_known(place: Place) -> None:
    inputs = place.engine.checked(DEPLOYMENT, _deployment("crash:1"))
    caught: list[Refused] = []

    def create() -> None:
        try:
            place.engine.create(DEPLOYMENT, inputs)
        except Refused as error:
            caught.append(error)

    thread = threading.Thread(target=create)
    thread.start()
    time.sleep(1)
    began = time.monotonic()
    place.engine.provider.Cancel(None, None)
    thread.join(10)
    assert time.monotonic() - began < 3
    assert caught and caught[0].partial is not None


def test_an_object_is_made_as_soon_as_its_namespace_is_there(place: Place) -> None:
    namespace = f"late-{uuid4().hex[:6]}"
    inputs = {"metadata": {"name": "a", "namespace": namespace}, "data": {"a": "1"}}
    checked = place.engine.checked(CONFIG_MAP, inputs)
    place.engine.create_raw(CONFIG_MAP, checked, preview=True)
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(place.make(CONFIG_MAP, inputs)))
    thread.start()
    time.sleep(1)
    place.core.create_namespace({"metadata": {"name": namespace}})
    thread.join(10)
    assert made


def test_a_custom_resource_without_its_definition_can_be_previewed_only(place: Place) -> None:
    token = "kubernetes:nowhere.example.com/v1:Thing"
    checked = place.engine.checked(token, {"spec": {"a": 1}})
    shown = wire.decode(place.engine.create_raw(token, checked, preview=True).properties)
    assert shown["spec"] == {"a": 1}
    assert place.engine.read(token, "default/x", checked, {}).id == ""


def test_a_replacement_under_the_same_name_deletes_first_and_can_be_previewed(place: Place) -> None:
    id, inputs, state = place.make(DEPLOYMENT, _deployment("ok:1"))
    other = merged(
        _deployment("ok:1"),
        {
            "spec": {
                "selector": {"matchLabels": {"app": "y"}},
                "template": {"metadata": {"labels": {"app": "y"}}},
            }
        },
    )
    checked = place.engine.checked(DEPLOYMENT, other, inputs)
    answer = place.engine.diff(DEPLOYMENT, id, inputs, state, checked)
    assert answer.replaces and answer.deleteBeforeReplace
    shown = wire.decode(place.engine.create_raw(DEPLOYMENT, checked, preview=True).properties)
    assert shown["metadata"]["name"] == "web"


def test_the_api_servers_refusal_is_one_line_without_secrets(place: Place) -> None:
    token = "kubernetes:core/v1:Secret"
    checked = place.engine.checked(token, {"data": {"bad key!": "Y2FuYXJ5LXZhbHVl"}})
    with pytest.raises(Refused) as caught:
        place.engine.create(token, checked)
    assert "bad key!" in str(caught.value) and "Y2FuYXJ5" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_many_waits_at_once_are_quick(place: Place) -> None:
    def one(index: int) -> None:
        inputs = _deployment("ok:1")
        inputs["metadata"]["name"] = f"web-{index}"
        place.make(DEPLOYMENT, inputs)

    threads = [threading.Thread(target=one, args=(index,)) for index in range(24)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began < 20


def test_settings(kubeconfig: Path) -> None:
    text = kubeconfig.read_text()
    engine = Engine(plugin.load("kubernetes"))
    engine.configure({"kubeconfig": text, "context": "test", "cluster": "test"})
    assert engine.read("kubernetes:core/v1:Namespace", "default").id == "default"
    wrong = Engine(plugin.load("kubernetes"))
    wrong.configure({"kubeconfig": text, "context": "other"})
    with pytest.raises(Refused, match="no context 'other'; those there are: test"):
        wrong.read("kubernetes:core/v1:Namespace", "default")
    assert json.loads(json.dumps(DEFINITION)) == DEFINITION


def test_an_orphan_with_a_generated_name_is_removed(place: Place, tmp_path: Path) -> None:
    engine = place.engine
    old = place.make(CONFIG_MAP, {"data": {"a": "1"}})
    orphan = place.make(CONFIG_MAP, {"data": {"a": "2"}})
    journal = Journal(tmp_path)
    journal.begin(_urn(CONFIG_MAP))  # what a killed plugin leaves behind
    engine.provider._journal = journal
    inputs = engine.checked(CONFIG_MAP, {"data": {"a": "3"}})
    engine.diff(CONFIG_MAP, old[0], old[1], old[2], inputs)
    id, _state = engine.create(CONFIG_MAP, inputs)
    left = {each.metadata.name for each in place.core.list_namespaced_config_map(place.namespace).items}
    assert {id.split("/")[1], old[0].split("/")[1]} <= left
    assert orphan[0].split("/")[1] not in left


def test_an_orphan_of_the_same_name_is_taken_up(place: Place, tmp_path: Path) -> None:
    first = place.make(CONFIG_MAP, {"metadata": {"name": "mine"}, "data": {"a": "1"}})
    journal = Journal(tmp_path)
    journal.begin(_urn(CONFIG_MAP))
    journal.finish(_urn(CONFIG_MAP), first[0])
    place.engine.provider._journal = journal
    second = place.make(CONFIG_MAP, {"metadata": {"name": "mine"}, "data": {"a": "2"}})
    assert second[2]["metadata"]["uid"] == first[2]["metadata"]["uid"]
