from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.compare import Kind
from localcloud.kubernetes.difference import differences
from localcloud.kubernetes.drift import has_drifted, live_inputs
from localcloud.kubernetes.gvk import parse_token
from localcloud.kubernetes.objects import body_of, dig, imported_inputs, plain_secret, state_of
from localcloud.kubernetes.replacement import immutable_fields, replacing_paths
from localcloud.values import UNKNOWN, Secret

DEPLOYMENT = parse_token("kubernetes:apps/v1:Deployment")
POD = parse_token("kubernetes:core/v1:Pod")
SECRET = parse_token("kubernetes:core/v1:Secret")

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
KEYS = st.from_regex(r"[a-zA-Z./-]{1,6}", fullmatch=True)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, TREES, max_size=4)


def changed(old: dict[str, Any], new: dict[str, Any], token: str = "kubernetes:example.com/v1:Thing") -> Any:
    kind = parse_token(token)
    paths = replacing_paths(kind, new, mutable_secrets=False, mutable_config_maps=False)
    return {each.path: each for each in differences(old, new, paths, namespaced=True)}


@given(OBJECTS)
def test_nothing_differs_from_itself(obj: dict[str, Any]) -> None:
    assert not changed(obj, obj)


@given(OBJECTS, OBJECTS)
def test_what_is_added_one_way_is_deleted_the_other_way(one: dict[str, Any], other: dict[str, Any]) -> None:
    forth, back = changed(one, other), changed(other, one)
    assert forth.keys() == back.keys()
    for path, change in forth.items():
        expected = {Kind.ADD: Kind.DELETE, Kind.DELETE: Kind.ADD, Kind.UPDATE: Kind.UPDATE}
        assert back[path].kind is expected[change.kind]


def test_an_unknown_value_is_a_change() -> None:
    assert changed({"spec": {"a": 1}}, {"spec": {"a": UNKNOWN}})["spec.a"].kind is Kind.UPDATE


def test_a_missing_namespace_is_the_default_one() -> None:
    assert not changed({"metadata": {"name": "a"}}, {"metadata": {"name": "a", "namespace": "default"}})
    moved = changed({"metadata": {"name": "a"}}, {"metadata": {"name": "a", "namespace": "other"}})
    assert moved["metadata.namespace"].replace


def test_true_is_not_one() -> None:
    assert changed({"spec": {"a": True}}, {"spec": {"a": 1}})


@pytest.mark.parametrize(
    ("token", "old", "new", "path", "replaces"),
    [
        (
            "kubernetes:apps/v1:Deployment",
            {"spec": {"selector": {"matchLabels": {"a": "b"}}}},
            {"spec": {"selector": {"matchLabels": {"a": "c"}}}},
            "spec.selector.matchLabels.a",
            True,
        ),
        (
            "kubernetes:apps/v1:Deployment",
            {"spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}},
            {"spec": {"template": {"spec": {"containers": [{"image": "b"}]}}}},
            "spec.template.spec.containers[0].image",
            False,
        ),
        (
            "kubernetes:core/v1:Pod",
            {"spec": {"containers": [{"name": "a", "image": "a"}]}},
            {"spec": {"containers": [{"name": "a", "image": "b"}]}},
            "spec.containers[0].image",
            True,
        ),
        (
            "kubernetes:core/v1:Pod",
            {"spec": {}},
            {"spec": {"containers": [{"image": "b"}]}},
            "spec.containers",
            True,
        ),
        (
            "kubernetes:core/v1:Service",
            {"spec": {"ports": [{"port": 1}]}},
            {"spec": {"ports": [{"port": 2}]}},
            "spec.ports[0].port",
            False,
        ),
        ("kubernetes:core/v1:Service", {"spec": {}}, {"spec": {"clusterIP": "None"}}, "spec.clusterIP", True),
        (
            "kubernetes:batch/v1:Job",
            {"spec": {"template": {"a": 1}}},
            {"spec": {"template": {"a": 2}}},
            "spec.template.a",
            True,
        ),
        (
            "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
            {"roleRef": {"name": "a"}},
            {"roleRef": {"name": "b"}},
            "roleRef.name",
            True,
        ),
        (
            "kubernetes:core/v1:ConfigMap",
            {"data": {"a.conf": "1"}},
            {"data": {"a.conf": "2"}},
            'data["a.conf"]',
            True,
        ),
        (
            "kubernetes:core/v1:ServiceAccount",
            {"metadata": {"annotations": {"x/y": "1"}}},
            {"metadata": {}},
            "metadata.annotations",
            False,
        ),
    ],
)
def test_what_replaces(token: str, old: Any, new: Any, path: str, replaces: bool) -> None:
    found = changed(old, new, token)
    assert list(found) == [path]
    assert found[path].replace is replaces


def test_a_mutable_config_map_is_changed_in_place() -> None:
    kind = parse_token("kubernetes:core/v1:ConfigMap")
    assert ("data",) not in replacing_paths(kind, {}, mutable_secrets=True, mutable_config_maps=True)
    frozen = replacing_paths(kind, {"immutable": True}, mutable_secrets=True, mutable_config_maps=True)
    assert ("data",) in frozen


def _secret(**more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", **more}


def test_string_data_and_data_are_the_same() -> None:
    encoded = base64.b64encode(b"x").decode()
    assert not changed(_secret(stringData={"a": "x"}), _secret(data={"a": encoded}))
    found = changed(
        _secret(stringData={"a": "x"}), _secret(stringData={"a": "y"}), "kubernetes:core/v1:Secret"
    )
    assert found["stringData.a"].replace
    assert plain_secret(_secret(stringData={"a": "x"}, data={"b": encoded}))["data"] == {
        "a": encoded,
        "b": encoded,
    }


@pytest.mark.parametrize(
    ("causes", "message", "fields"),
    [
        ([("spec.selector", "Invalid value: {}: field is immutable")], "x", ["spec.selector"]),
        (
            [
                (
                    "spec",
                    "Forbidden: updates to statefulset spec for x are forbidden",
                )
            ],
            "",
            ["spec"],
        ),
        ([("spec.a", "Required value")], "x", None),
        ([], "the provisioner may not be changed", []),
    ],
)
def test_the_api_servers_word_for_immutable(causes: Any, message: str, fields: list[str] | None) -> None:
    assert immutable_fields(causes, message) == fields


# -- drift ------------------------------------------------------------------------------------------


@given(OBJECTS)
def test_a_live_object_with_more_in_it_has_not_drifted(obj: dict[str, Any]) -> None:
    live = {**obj, "status": {"x": 1}, "uid": "1"}
    obj.pop("stringData", None)
    assert live_inputs(obj, live) == obj


@given(OBJECTS, OBJECTS)
def test_what_the_dry_run_says_is_no_drift(obj: dict[str, Any], live: dict[str, Any]) -> None:
    """Whatever the API server makes of an object, that is what the object stands for."""
    assert live_inputs(obj, live, desired=live) == obj


def test_amounts_and_empty_values_are_no_drift() -> None:
    old = {
        "spec": {
            "containers": [
                {"name": "a", "resources": {"limits": {"cpu": "1000m"}}, "env": [{"name": "E", "value": ""}]}
            ],
            "hostNetwork": False,
        }
    }
    live = {
        "spec": {
            "containers": [
                {"name": "sidecar", "image": "x"},
                {"name": "a", "resources": {"limits": {"cpu": "1"}}, "env": [{"name": "E"}], "tty": True},
            ]
        }
    }
    assert live_inputs(old, live) == old
    assert not has_drifted(old, live_inputs(old, live))


def test_drift_is_shown_where_it_is() -> None:
    old = {"spec": {"replicas": 2, "template": {"a": 1}}, "metadata": {"labels": {"a": "b"}}}
    live = {"spec": {"replicas": 3, "template": {"a": 1, "b": 2}}, "metadata": {}}
    found = live_inputs(old, live)
    assert found == {"spec": {"replicas": 3, "template": {"a": 1}}, "metadata": {}}
    assert has_drifted(old, found)


def test_a_list_that_lost_or_won_an_item_has_drifted() -> None:
    assert live_inputs({"args": ["a"]}, {"args": ["a", "b"]}) == {"args": ["a", "b"]}
    assert live_inputs({"c": [{"name": "a"}, {"name": "b"}]}, {"c": [{"name": "b"}]}) == {
        "c": [{"name": "b"}]
    }


def test_a_changed_secret_is_shown_in_the_programs_property() -> None:
    live = _secret(data={"a": base64.b64encode(b"theirs").decode()})
    assert live_inputs(_secret(stringData={"a": "ours"}), live)["stringData"] == {"a": "theirs"}
    binary = _secret(data={"a": base64.b64encode(b"\xff\xfe").decode()})
    assert live_inputs(_secret(stringData={"a": "ours"}), binary)["stringData"]["a"] == "//4="


# -- objects ----------------------------------------------------------------------------------------


def test_names_that_the_sdk_can_not_write() -> None:
    inputs = {"spec": {"x_kubernetes_preserve_unknown_fields": True, "x_kubernetes_list_map_keys": ["a"]}}
    body = body_of({**inputs, "__fieldManager": "m"}, DEPLOYMENT)
    assert body == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "spec": {"x-kubernetes-preserve-unknown-fields": True, "x-kubernetes-list-map-keys": ["a"]},
    }
    assert state_of(body, "m")["spec"] == inputs["spec"]


def test_the_state_of_a_secret_is_secret() -> None:
    live = _secret(data={"a": "eA=="}, metadata={"name": "a", "managedFields": [{}]})
    state = state_of(live, "m")
    assert state["data"] == Secret({"a": "eA=="})
    assert state["metadata"] == {"name": "a"}


def test_imported_inputs_hold_nothing_of_the_servers() -> None:
    live = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "a",
            "uid": "1",
            "resourceVersion": "2",
            "generation": 1,
            "annotations": {"deployment.kubernetes.io/revision": "1"},
        },
        "spec": {"replicas": 1},
        "status": {"x": 1},
    }
    assert imported_inputs(live) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a"},
        "spec": {"replicas": 1},
    }


def test_dig() -> None:
    assert dig({"a": [{"b": 1}]}, "a", 0, "b") == 1
    assert dig({"a": None}, "a", "b", default=2) == 2
    assert dig({"a": []}, "a", 0, default=3) == 3
