# pyright: reportMissingImports=false
"""Who may talk to whom in an environment, judged from its network policies as Kubernetes would."""

import ipaddress
import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pulumi_mocks import Run, run

ROOT = Path(__file__).parent.parent.parent
IMAGES = {name: f"understudy.local/{name}@sha256:{'a' * 64}" for name in ("orders", "pricing")}
HERE = "understudy-feature-x"
COLLECTOR = {"namespace": "observability", "labels": {"app": "collector"}}
NAMES = {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}
PUBLIC = "52.94.5.1"
METADATA = "169.254.169.254"


@cache
def environment(endpoint: str = "") -> Run:
    given = {
        "understudy:images": json.dumps(IMAGES),
        "understudy:commit": "0f3c2a",
        "aws:region": "eu-west-1",
    }
    if endpoint:
        given["aws:endpoints"] = json.dumps([{"sqs": endpoint}])
    return run(lambda: runpy.run_path(str(ROOT / "stacks"), run_name="__main__"), config=given)


def data() -> str:
    """An address in the data tier."""
    subnets = environment().of("subnet:Subnet")
    block = next(one.inputs["cidrBlock"] for one in subnets if one.inputs["tags"]["tier"] == "data")
    return str(ipaddress.ip_network(block)[7])


def pod(name: str, endpoint: str = "") -> dict[str, Any]:
    spec = environment(endpoint).one("apps/v1:Deployment", name).inputs["spec"]
    return {"namespace": HERE, "labels": spec["template"]["metadata"]["labels"]}


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    return selector.get("matchLabels", {}).items() <= labels.items()


def peer_matches(peer: dict[str, Any], namespace: str, other: dict[str, Any] | str) -> bool:
    if isinstance(other, str):
        block = peer.get("ipBlock")
        if block is None or ipaddress.ip_address(other) not in ipaddress.ip_network(block["cidr"]):
            return False
        return not any(
            ipaddress.ip_address(other) in ipaddress.ip_network(one) for one in block.get("except", [])
        )
    if "ipBlock" in peer:
        return False
    if "namespaceSelector" in peer:
        if not selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": other["namespace"]}):
            return False
    elif other["namespace"] != namespace:
        return False
    return selects(peer.get("podSelector", {}), other["labels"])


def allows(direction: str, one: Any, other: Any, port: int, protocol: str, endpoint: str) -> bool:
    """Whether the policies on `one` let it talk with `other` in a direction."""
    if isinstance(one, str) or one["namespace"] != HERE:
        return True
    kind, key, end = ("Egress", "egress", "to") if direction == "out" else ("Ingress", "ingress", "from")
    specs = [
        policy.inputs["spec"]
        for policy in environment(endpoint).of("v1:NetworkPolicy")
        if policy.inputs["metadata"]["namespace"] == HERE
    ]
    mine = [
        spec for spec in specs if kind in spec["policyTypes"] and selects(spec["podSelector"], one["labels"])
    ]
    if not mine:
        return True
    return any(
        any(peer_matches(peer, HERE, other) for peer in rule[end])
        and any(each["port"] == port and each["protocol"] == protocol for each in rule["ports"])
        for spec in mine
        for rule in spec.get(key, [])
    )


def connects(source: Any, target: Any, port: int, protocol: str = "TCP", endpoint: str = "") -> bool:
    out = allows("out", source, target, port, protocol, endpoint)
    return out and allows("in", target, source, port, protocol, endpoint)


def test_what_is_used_is_reached() -> None:
    orders, pricing = pod("orders"), pod("pricing")
    assert connects(orders, pricing, 50051)
    assert connects(orders, data(), 5432)
    assert connects(pricing, data(), 6379)
    for service in (orders, pricing):
        assert connects(service, PUBLIC, 443)
        assert connects(service, NAMES, 53, "UDP") and connects(service, NAMES, 53, "TCP")


@pytest.mark.parametrize("source", ["orders", "pricing", "stranger"])
def test_nothing_else_is_reached(source: str) -> None:
    stranger = {"namespace": HERE, "labels": {"app.kubernetes.io/name": "stranger"}}
    one = stranger if source == "stranger" else pod(source)
    assert not connects(one, METADATA, 80) and not connects(one, METADATA, 443)
    assert not connects(one, PUBLIC, 80) and not connects(one, PUBLIC, 5432)
    assert not connects(one, COLLECTOR, 4317)
    assert not connects(one, pod("orders"), 8080)
    assert not connects(one, pod("pricing"), 8080)
    if source != "orders":
        assert not connects(one, pod("pricing"), 50051)
        assert not connects(one, data(), 5432)
    if source != "pricing":
        assert not connects(one, data(), 6379)
    if source == "stranger":
        assert not connects(one, NAMES, 53, "UDP") and not connects(one, PUBLIC, 443)


def test_another_environment_s_pods_do_not_get_in() -> None:
    there = {"namespace": "understudy-feature-y", "labels": pod("orders")["labels"]}
    assert not connects(there, pod("pricing"), 50051)


def test_a_given_endpoint_takes_the_place_of_aws_s_addresses() -> None:
    endpoint = "http://10.213.0.1:5000"
    orders = pod("orders", endpoint)
    assert connects(orders, "10.213.0.1", 5000, endpoint=endpoint)
    assert not connects(orders, PUBLIC, 443, endpoint=endpoint)
    assert not connects(orders, "10.213.0.2", 5000, endpoint=endpoint)
