"""NetworkPolicies on the local node: what they forbid does not pass, and what they allow does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cluster_support import (
    CAN_RUN,
    NAME,
    api_of,
    ask,
    build_probe,
    create,
    deployment,
    eventually,
    ready_pods,
    service,
)
from kubernetes import client

from localcloud.cluster.node import Node
from localcloud.paths import cache_dir

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(not CAN_RUN, reason="needs Linux, root and the packages of a cluster"),
]

APPS = ("shop", "friend", "stranger")


@dataclass(frozen=True)
class Running:
    node: Node
    api: client.ApiClient

    def address(self, app: str) -> str:
        return f"{ready_pods(self.api, app)[0].status.pod_ip}:8080"

    def reaches(self, app: str, target: str) -> bool:
        """Whether a pod of `app` gets an answer of `target`, by its Service's name or an address."""
        try:
            return bool(ask(self.address(app), "fetch", url=f"http://{target}/name"))
        except OSError:
            return False


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    node = Node(tmp_path_factory.mktemp("policies"), cache_dir())
    try:
        info = node.up(print)
        archive, digest = build_probe(tmp_path_factory.mktemp("probe"))
        node.import_image(archive, f"{NAME}@{digest}")
        api = api_of(info.kubeconfig)
        eventually(lambda: client.CoreV1Api(api).read_namespaced_service_account("default", "default"))
        for app in APPS:
            create(api, deployment(app, f"{NAME}@{digest}", 1))
        create(api, service("shop"))
        for app in APPS:
            eventually(lambda app=app: len(ready_pods(api, app)) == 1)
        place = Running(node, api)
        for app in ("friend", "stranger"):
            eventually(lambda app=app: place.reaches(app, "shop"))
        yield place
    finally:
        node.reset()


def policy(name: str, app: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name},
        "spec": {"podSelector": {"matchLabels": {"app": app}}, **spec},
    }


@pytest.fixture(autouse=True)
def no_policies(running: Running) -> Iterator[None]:
    yield
    client.NetworkingV1Api(running.api).delete_collection_namespaced_network_policy("default")
    for app in ("friend", "stranger"):
        eventually(lambda app=app: running.reaches(app, "shop"))


def test_only_the_named_peer_gets_in_by_name_and_by_address(running: Running) -> None:
    friend = {"podSelector": {"matchLabels": {"app": "friend"}}}
    create(
        running.api,
        policy(
            "shop", "shop", policyTypes=["Ingress"], ingress=[{"from": [friend], "ports": [{"port": 8080}]}]
        ),
    )
    eventually(lambda: not running.reaches("stranger", "shop"))
    assert not running.reaches("stranger", running.address("shop"))
    assert running.reaches("friend", "shop")
    assert running.reaches("friend", running.address("shop"))
    # Whom no policy selects is free as before, and the kubelet's probes pass.
    assert running.reaches("stranger", running.address("friend"))
    assert len(ready_pods(running.api, "shop")) == 1


def test_what_is_not_allowed_out_does_not_get_out(running: Running) -> None:
    names = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    shop = {"podSelector": {"matchLabels": {"app": "shop"}}}
    create(
        running.api,
        policy("out", "friend", policyTypes=["Egress"], egress=[{"ports": names}, {"to": [shop]}]),
    )
    eventually(lambda: not running.reaches("friend", running.address("stranger")))
    assert running.reaches("friend", "shop")
    assert running.reaches("stranger", "shop")


def test_a_pod_that_starts_later_is_under_the_policy(running: Running) -> None:
    create(running.api, policy("shut", "shop", policyTypes=["Ingress"]))
    eventually(lambda: not running.reaches("stranger", "shop"))
    before = ready_pods(running.api, "shop")[0].metadata.name
    client.CoreV1Api(running.api).delete_namespaced_pod(before, "default")
    eventually(lambda: [one for one in ready_pods(running.api, "shop") if one.metadata.name != before])
    eventually(lambda: not running.reaches("stranger", "shop"))
