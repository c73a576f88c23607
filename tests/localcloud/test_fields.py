"""Declared inputs are checked, completed and compared as the official plugins do it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.compare import Change, Kind, changes
from localcloud.fields import (
    Block,
    Failures,
    Field,
    Flag,
    Integer,
    JsonText,
    ListOf,
    MapOf,
    Number,
    SetOf,
    Text,
    parse_fields,
)
from localcloud.values import UNKNOWN

FIELDS: dict[str, Field] = {
    "name": Text(required=True, min_length=1, max_length=8, pattern="[a-z]+", force_new=True),
    "mode": Text(choices=("fast", "slow"), default="slow"),
    "delay": Integer(default=0, minimum=0, maximum=900),
    "ratio": Number(minimum=0.5),
    "on": Flag(computed=True),
    "policy": JsonText(),
    "tags": MapOf(element=Text()),
    "zones": SetOf(element=Text()),
    "rules": ListOf(
        element=Block(fields={"port": Integer(required=True), "cidr": Text(force_new=True)}), max_items=2
    ),
    "prefix": Text(conflicts=("mode",)),
    "extra": Text(requires=("ratio",)),
}


def parse(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    failures: Failures = []
    return parse_fields(FIELDS, given, failures), dict(failures)


@pytest.mark.parametrize(
    ("given", "path", "telling"),
    [
        ({"name": ""}, "name", "1 to 8 characters"),
        ({"name": "UPPER"}, "name", "match"),
        ({"mode": "medium"}, "mode", "'fast', 'slow'"),
        ({"delay": 901}, "delay", "between 0 and 900"),
        ({"delay": 1.5}, "delay", "whole number"),
        ({"ratio": "much"}, "ratio", "number"),
        ({"on": "perhaps"}, "on", "true or false"),
        ({"policy": "{"}, "policy", "JSON"),
        ({"tags": ["a"]}, "tags", "map"),
        ({"tags": {"a": {}}}, "tags.a", "string"),
        ({"zones": "a"}, "zones", "list"),
        ({"rules": [{"cidr": "x"}]}, "rules[0].port", "required"),
        ({"rules": [{"port": 1, "colour": 2}]}, "rules[0].colour", "not implemented"),
        ({"rules": [{"port": 1}] * 3}, "rules", "0 to 2 items"),
        ({"prefix": "p", "mode": "fast"}, "prefix", "together with mode"),
        ({"extra": "e"}, "extra", "needs ratio"),
        ({"colour": "red"}, "colour", "not implemented"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any], path: str, telling: str) -> None:
    _, failures = parse({"name": "ok", **given})
    assert telling in failures[path]
    assert "\n" not in failures[path]


def test_required_inputs_are_required() -> None:
    assert "required" in parse({})[1]["name"]


def test_defaults_are_filled_in_unless_they_conflict() -> None:
    assert parse({"name": "ok"})[0] == {"name": "ok", "mode": "slow", "delay": 0}


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.just(UNKNOWN)))
def test_unknown_values_pass_every_check(given: dict[str, Any]) -> None:
    _, failures = parse({"name": "ok", "ratio": 1, **given})
    assert {path for path, reason in failures.items() if "together" not in reason} == set()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELDS, "colour"]), anything))
def test_hostile_values_are_refused_never_a_crash(given: dict[str, Any]) -> None:
    parsed, failures = parse(given)
    if not failures:
        assert parse(parsed) == (parsed, {})


@given(st.text(min_size=1, max_size=20))
def test_a_secret_value_is_not_quoted(value: str) -> None:
    failures: Failures = []
    parse_fields(
        {"password": Text(secret=True, choices=("right",))}, {"password": f"hunter2{value}"}, failures
    )
    assert "hunter2" not in str(failures)


def difference(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return changes(FIELDS, old, new)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {}, []),
        ({"delay": 1}, {"delay": 2}, [Change("delay", Kind.UPDATE)]),
        ({"name": "a"}, {"name": "b"}, [Change("name", Kind.UPDATE, replace=True)]),
        ({"name": "a"}, {"name": UNKNOWN}, [Change("name", Kind.UPDATE, replace=True)]),
        ({}, {"prefix": "p"}, [Change("prefix", Kind.ADD)]),
        ({"prefix": "p"}, {}, [Change("prefix", Kind.DELETE)]),
        ({"on": True}, {}, []),  # computed: the service keeps its own value
        ({"zones": ["a", "b"]}, {"zones": ["b", "a"]}, []),
        ({"zones": ["a"]}, {"zones": ["a", "c"]}, [Change("zones", Kind.UPDATE)]),
        ({"tags": {}}, {}, []),
        (
            {"tags": {"a": "1"}},
            {"tags": {"a": "2", "b": "3"}},
            [Change('tags["a"]', Kind.UPDATE), Change('tags["b"]', Kind.ADD)],
        ),
        (
            {"rules": [{"port": 1, "cidr": "x"}]},
            {"rules": [{"port": 2, "cidr": "x"}]},
            [Change("rules[0].port", Kind.UPDATE)],
        ),
        (
            {"rules": [{"port": 1, "cidr": "x"}]},
            {"rules": [{"port": 1, "cidr": "y"}]},
            [Change("rules[0].cidr", Kind.UPDATE, replace=True)],
        ),
        ({}, {"rules": [{"port": 1, "cidr": "y"}]}, [Change("rules", Kind.ADD, replace=True)]),
        (
            {"policy": '{"Action": ["a"], "Resource": ["x", "y"]}'},
            {"policy": '{"Resource":["y","x"],"Action":"a"}'},
            [],
        ),
    ],
)
def test_changes_are_found(old: dict[str, Any], new: dict[str, Any], expected: list[Change]) -> None:
    assert difference(old, new) == expected
