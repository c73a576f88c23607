"""What is reached from outside: by which name, with which certificate, and by whom."""

from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components import naming
from components.checks import InvalidArgument
from components.services import Backend, Gateway, GatewayArgs, Port, Service


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Gateway, "shop", **changes))


def arguments(**changes: Any) -> GatewayArgs:
    return GatewayArgs(context=examples.context(), **{**examples.EXAMPLES[Gateway][1](), **changes})


SECRET = {"certificate": "secret", "tls_secret": "shop-tls", "ingress_class": "nginx"}


@given(
    thing=st.text(min_size=1), branch=st.text(min_size=1), domain=st.sampled_from(["a.de", "x." + "y" * 120])
)
def test_a_host_name_fits_the_rules(thing: str, branch: str, domain: str) -> None:
    name = naming.host_name(domain, naming.environment_name(branch), thing)
    labels = name.removesuffix(f".{domain}").split(".")
    assert len(labels) == 2 and all(0 < len(label) <= 63 for label in labels)
    assert all(naming.HOST_LABEL.accepts(label) for label in labels)
    assert len(name) <= 253


@given(st.sets(st.tuples(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80)), min_size=2))
def test_two_things_never_share_a_host_name(pairs: set[tuple[str, str]]) -> None:
    names = {
        naming.host_name("example.com", naming.environment_name(branch), thing) for branch, thing in pairs
    }
    assert len(names) == len(pairs)


def test_each_environment_has_a_host_of_its_own() -> None:
    gateway = built()
    outputs = gateway.one("understudy:services:Gateway").outputs
    assert outputs is not None
    assert outputs["host"] == "shop.feature-x.example.com"
    assert outputs["url"] == "https://shop.feature-x.example.com/"
    record = gateway.one("Record", "shop-address").inputs
    assert (record["name"], record["type"]) == ("shop.feature-x.example.com", "CNAME")
    assert record["records"] == ["lb-1.eu-west-1.elb.amazonaws.com"]


def test_the_certificate_is_used_once_it_is_valid() -> None:
    gateway = built()
    proof = gateway.one("Record", "shop-proof").inputs
    assert proof["name"] == "_proof.shop.feature-x.example.com."
    assert proof["records"] == ["_value.acm-validations.aws."]
    validation = gateway.one("CertificateValidation")
    assert validation.inputs["validationRecordFqdns"] == [proof["name"]]
    ingress = gateway.one("Ingress")
    annotations = ingress.inputs["metadata"]["annotations"]
    prefix = "alb.ingress.kubernetes.io/"
    assert annotations[f"{prefix}certificate-arn"] == validation.inputs["certificateArn"]
    assert annotations[f"{prefix}ssl-redirect"] == "443"
    assert "environment=feature-x" in annotations[f"{prefix}tags"]
    assert "shop-validation" in [urn.split("::")[-1] for urn in ingress.depends_on]


def test_a_certificate_from_a_secret_needs_nothing_of_aws() -> None:
    gateway = built(**SECRET, zone_id=None, sources=(), controller_namespace="ingress-nginx")
    assert not [one for one in gateway.resources if one.token.startswith("aws:")]
    spec = gateway.one("Ingress").inputs["spec"]
    assert spec["ingressClassName"] == "nginx"
    assert spec["tls"] == [{"hosts": ["shop.feature-x.example.com"], "secretName": "shop-tls"}]


def test_requests_reach_the_service_by_its_path() -> None:
    def program() -> None:
        ports = (Port(name="web", number=8000), Port(name="http", number=8080, exposed=False))
        service = examples.make(Service, "shop", uses=(), ports=ports)
        examples.make(Gateway, "front", routes={"/shop": service.routed("web")})
        with pytest.raises(InvalidArgument, match=r"^port is 'http': "):
            service.routed("http")

    found = run(program)
    rule = found.one("Ingress").inputs["spec"]["rules"][0]
    (path,) = rule["http"]["paths"]
    assert path["path"] == "/shop"
    assert path["backend"]["service"] == {"name": "shop", "port": {"number": 8000}}
    entry = found.one("NetworkPolicy", "front-to-shop").inputs["spec"]
    assert entry["podSelector"]["matchLabels"]["app.kubernetes.io/name"] == "shop"
    assert entry["ingress"] == [
        {
            "from": [{"ipBlock": {"cidr": "10.0.128.0/19"}}],
            "ports": [{"protocol": "TCP", "port": 8000}],
        }
    ]


def test_a_controller_in_the_cluster_is_let_in() -> None:
    gateway = built(sources=(), controller_namespace="ingress-nginx")
    (peer,) = gateway.one("NetworkPolicy").inputs["spec"]["ingress"][0]["from"]
    assert peer == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("domain", {"domain": "localhost"}),
        ("domain", {"domain": "Example.com"}),
        ("domain", {"domain": "a." + "b" * 130}),
        ("routes", {"routes": {}}),
        ("routes", {"routes": {"shop": Backend(service="shop", selector={}, port=80)}}),
        ("zone_id", {"zone_id": None}),
        ("tls_secret", {"certificate": "secret"}),
        ("tls_secret", {"tls_secret": "shop-tls"}),
        ("ingress_class", {"ingress_class": "A B"}),
        ("sources", {"sources": ()}),
        ("sources", {"sources": ("everywhere",)}),
        ("controller_namespace", {"controller_namespace": "-"}),
    ],
)
def test_what_makes_no_gateway_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        arguments(**changes)
