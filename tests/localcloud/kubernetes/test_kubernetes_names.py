from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.kubernetes.gvk import GroupVersionKind, parse_token
from localcloud.kubernetes.naming import field_manager, generated_name, identity, parse_identity
from localcloud.kubernetes.quantity import holds_quantities, parse_quantity, same_quantity
from localcloud.resource import LocalError, UnknownToken

NAMES = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?", fullmatch=True)


@pytest.mark.parametrize(
    ("token", "api_version", "kind", "path"),
    [
        ("kubernetes:core/v1:Pod", "v1", "Pod", "/api/v1"),
        ("kubernetes:apps/v1:Deployment", "apps/v1", "Deployment", "/apis/apps/v1"),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:Role",
            "rbac.authorization.k8s.io/v1",
            "Role",
            "/apis/rbac.authorization.k8s.io/v1",
        ),
        (
            "kubernetes:stable.example.com/v1beta1:CronTab",
            "stable.example.com/v1beta1",
            "CronTab",
            "/apis/stable.example.com/v1beta1",
        ),
        ("kubernetes:example.com/v1:Patch", "example.com/v1", "Patch", "/apis/example.com/v1"),
        ("kubernetes:example.com/v1:AllowList", "example.com/v1", "AllowList", "/apis/example.com/v1"),
    ],
)
def test_tokens(token: str, api_version: str, kind: str, path: str) -> None:
    found = parse_token(token)
    assert (found.api_version, found.kind, found.path) == (api_version, kind, path)


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("kubernetes:apps/v1:DeploymentPatch", "Patch resources are not implemented.*Deployment itself"),
        ("kubernetes:core/v1:PodList", "declare each Pod by itself"),
        ("kubernetes:helm.sh/v3:Release", "Helm releases and charts are not implemented"),
        ("kubernetes:yaml/v2:ConfigFile", "YAML files as a component"),
        ("kubernetes:kustomize/v2:Directory", "Kustomize directories"),
        ("kubernetes:apps:Deployment", "not a kind of Kubernetes object"),
        ("kubernetes:apps/one:Deployment", "not a kind of Kubernetes object"),
        ("aws:s3/bucket:Bucket", "not a kind of Kubernetes object"),
        ("kubernetes", "not a kind of Kubernetes object"),
    ],
)
def test_tokens_of_no_object_are_refused(token: str, says: str) -> None:
    with pytest.raises(UnknownToken, match=says):
        parse_token(token)


@given(namespace=st.none() | NAMES, name=NAMES)
def test_an_id_says_where_the_object_is(namespace: str | None, name: str) -> None:
    assert parse_identity(identity(namespace, name)) == (namespace, name)


@pytest.mark.parametrize("text", ["", "/", "a/", "/a", "a/b/c"])
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(LocalError, match="namespace/name"):
        parse_identity(text)


@given(logical=NAMES, seed=st.binary(min_size=1))
def test_generated_names_repeat_with_their_seed(logical: str, seed: bytes) -> None:
    name = generated_name(logical, seed)
    assert name == generated_name(logical, seed)
    assert name[:-9] == logical and len(name) == len(logical) + 9


@given(one=st.text(), other=st.text())
def test_each_resource_has_a_field_manager_of_its_own(one: str, other: str) -> None:
    assert (field_manager(one) == field_manager(other)) == (one == other)
    assert field_manager(one).startswith("pulumi-kubernetes-")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1000m"),
        ("0.5Gi", "512Mi"),
        ("1k", 1000),
        ("1e3", "1000"),
        ("1E", "1000P"),
        ("1Ei", "1024Pi"),
        ("100n", "0.1u"),
        (2, "2"),
        ("+1", "1"),
    ],
)
def test_the_same_quantity_written_in_two_ways(one: object, other: object) -> None:
    assert same_quantity(one, other)


@pytest.mark.parametrize("text", ["", "a", "1x", "1 Gi", "Gi", None, True, "1.2.3", [], "--1"])
def test_what_is_no_quantity(text: object) -> None:
    assert parse_quantity(text) is None
    assert not same_quantity(text, text)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_quantity_is_the_same_in_any_unit(amount: int) -> None:
    assert parse_quantity(f"{amount}k") == parse_quantity(f"{amount * 1000}")
    assert parse_quantity(f"{amount * 1000}m") == parse_quantity(amount)
    assert parse_quantity(f"{amount}Mi") == parse_quantity(amount * 2**20)


def test_where_quantities_stand() -> None:
    assert holds_quantities(("spec", "containers", 0, "resources", "limits", "cpu"))
    assert not holds_quantities(("data", "version"))
    assert not holds_quantities(("metadata", "labels", "release"))


def test_a_kind_says_what_it_is() -> None:
    assert str(GroupVersionKind("apps", "v1", "Deployment")) == "apps/v1 Deployment"
