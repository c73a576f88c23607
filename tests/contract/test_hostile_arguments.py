# pyright: reportMissingImports=false
"""Whatever value an argument is given: it is taken, or refused in one short line that names it."""

import dataclasses
import importlib
import inspect
import math
import pkgutil
import re
from collections.abc import Iterator
from typing import Any, get_args

import component_examples as examples
import pulumi
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import components
from components.argument_types import hints
from components.checks import InvalidArgument
from components.cluster import ExistingCluster, Taint
from components.context import Context
from components.network import AddressPlan, ExistingNetwork
from components.secrets import Generated
from components.services import Scaling
from components.telemetry import OpenTelemetry

LONGEST_MESSAGE = 500
ALSO: dict[type[Any], dict[str, Any]] = {
    OpenTelemetry: {
        "endpoint": "http://collector:4317",
        "protocol": "grpc",
        "sampler": "always_on",
        "sample_ratio": 0.5,
    },
    AddressPlan: {"cidr": "10.0.0.0/16", "zones": ("a", "b")},
    ExistingCluster: {field.name: f"their-{field.name}" for field in dataclasses.fields(ExistingCluster)},
    ExistingNetwork: {
        "vpc_id": "vpc-1",
        "vpc_arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1",
        "cidr": "10.0.0.0/16",
        "public_subnet_ids": ["subnet-1"],
        "private_subnet_ids": ["subnet-2"],
        "data_subnet_ids": ["subnet-3"],
    },
    Generated: {"length": 40, "keepers": {"turn": "1"}},
    Taint: {"key": "workload", "value": "batch", "effect": "NO_SCHEDULE"},
    Scaling: {"minimum": 2, "maximum": 5, "cpu": 50, "queue": "orders", "messages": 10},
}
"""Public dataclasses that no example of a component holds an instance of."""


def nested(kind: Any) -> Iterator[type[Any]]:
    """Every dataclass of ours that a type mentions."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        yield kind
    for inner in get_args(kind):
        yield from nested(inner)


def discovered() -> list[type[Any]]:
    """Every dataclass that the public components take, directly or within others, and every exported one."""
    waiting: list[type[Any]] = [Context]
    for found in pkgutil.iter_modules(components.__path__, "components."):
        if not found.ispkg:  # no components: names and checks, which have errors of their own
            continue
        module = importlib.import_module(found.name)
        exported = [getattr(module, name) for name in getattr(module, "__all__", ())]
        waiting += [one for one in exported if inspect.isclass(one) and dataclasses.is_dataclass(one)]
    classes: dict[str, type[Any]] = {}
    while waiting:
        kind = waiting.pop()
        if kind.__name__ not in classes:
            classes[kind.__name__] = kind
            waiting += [inner for hint in hints(kind).values() for inner in nested(hint)]
    return [classes[name] for name in sorted(classes)]


def instances(value: Any) -> Iterator[Any]:
    """A valid dataclass instance and all that it holds."""
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from instances(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from instances(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from instances(item)


def valid_examples() -> dict[type[Any], dict[str, Any]]:
    found: dict[type[Any], dict[str, Any]] = {}
    for args_type, fields in examples.EXAMPLES.values():
        for one in instances(args_type(context=examples.context(), **fields())):
            held = {field.name: getattr(one, field.name) for field in dataclasses.fields(one) if field.init}
            found.setdefault(type(one), held)
    return found | ALSO


CLASSES = discovered()
VALID = valid_examples()
FIELDS = [(kind, field) for kind in CLASSES for field in hints(kind)]


class Unwritable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Wordy:
    def __repr__(self) -> str:
        return "first line\nsecond line" * 1000


TEXTS: tuple[str, ...] = (
    "",
    " ",
    "a" * 10_000,
    "a-" * 5_000,
    "@" + "." * 10_000 + " ",
    "\n",
    "a\nb",
    "a\x00b",
    "\ud800",
    "\udfff\ud800",
    "\u202eevil",
    "a\u200bb",
    "\u2028",
    "🦄",
    "ä" * 300,
    "é",
    "\u0661\u0662",
    "eu-west-\u0661",
    "x'; DROP TABLE orders; --",
    "${jndi:ldap://x}",
    "{0}",
    "%s%n",
    "../../etc/passwd",
    "\\d+",
    "*",
    "None",
    "0.0.0.0/0",
    "::/0",
)
NUMBERS: tuple[Any, ...] = (
    0,
    -1,
    1,
    True,
    False,
    2**31,
    2**63,
    2**64,
    -(2**63),
    10**5000,
    -(10**5000),
    0.0,
    -0.5,
    1.5,
    1e308,
    math.nan,
    math.inf,
    -math.inf,
    1j,
)
OTHERS: tuple[Any, ...] = (
    None,
    b"",
    b"\xff" * 10_000,
    (),
    [],
    {},
    set(),
    frozenset({1}),
    object(),
    object,
    len,
    Ellipsis,
    NotImplemented,
    Unwritable(),
    Wordy(),
    range(10**9),
    ("a",) * 10_000,
    ["a"] * 10_000,
    (None,),
    [None],
    ((),),
    ("a", "a"),
    ("",),
    ("a\n",),
    ("\ud800",),
    ("a" * 10_000,),
    {"a": None},
    {None: "a"},
    {1: 2},
    {"": ""},
    {"A": "\ud800"},
    {"\ud800": "a"},
    {"a" * 10_000: "a"},
    {"A": "a" * 10_000},
    {f"K{number}": "v" for number in range(10_000)},
    {"a": {"a": {"a": "a"}}},
    {"context": None},
)
hostile = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.integers(),
    st.floats(),
    st.binary(max_size=20),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(TEXTS),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.tuples(inner, inner)
            | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=4)
        ),
        max_leaves=12,
    ),
)


def refusal(kind: type[Any], changes: dict[str, Any]) -> str | None:
    """The message that refuses the changes, or None where they are taken; anything else fails the test."""
    try:
        kind(**{**VALID[kind], **changes})
    except InvalidArgument as problem:
        message = str(problem)
    else:
        return None
    assert len(message) <= LONGEST_MESSAGE, message
    assert message.isprintable(), message
    message.encode()
    # A rule about two fields may name the other one, and a class may hold another that is checked first.
    known = {name for one in (kind, *nested_classes(kind)) for name in hints(one)}
    named = re.match(r"(\w+)(\[[^\]]*\])* is .+: \S", message)
    assert named is not None, message
    assert named[1] in known, message
    return message


def nested_classes(kind: type[Any]) -> list[type[Any]]:
    return [inner for hint in hints(kind).values() for inner in nested(hint)]


def test_every_class_is_found_and_has_a_valid_example() -> None:
    names = {kind.__name__ for kind in CLASSES}
    assert {args.__name__ for args, _ in examples.EXAMPLES.values()} <= names
    assert {"Context", "Grant", "Port", "Size"} <= names
    without = [kind.__name__ for kind in CLASSES if kind not in VALID]
    assert not without, f"give {without} to a component in component_examples.py, or add them to ALSO"


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda one: getattr(one, "__name__", one))
def test_a_hostile_value_is_taken_or_refused_by_name(kind: type[Any], field: str) -> None:
    for value in (*TEXTS, *NUMBERS, *OTHERS):
        refusal(kind, {field: value})
    # What is of no type that any argument has is never taken.
    for value in (object(), Unwritable(), range(3), b"", 1j):
        message = refusal(kind, {field: value})
        assert message is not None
        assert message.startswith(field), message


@pytest.mark.parametrize("kind", CLASSES, ids=lambda one: one.__name__)
def test_random_values_in_any_fields(kind: type[Any]) -> None:
    names = list(hints(kind))

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.dictionaries(st.sampled_from(names), hostile, min_size=1, max_size=3))
    def tried(changes: dict[str, Any]) -> None:
        refusal(kind, changes)

    tried()


@pytest.mark.parametrize(("kind", "field"), FIELDS, ids=lambda one: getattr(one, "__name__", one))
def test_an_output_is_refused_where_the_value_must_be_known(kind: type[Any], field: str) -> None:
    takes_outputs = "Output" in str(hints(kind)[field])
    message = refusal(kind, {field: pulumi.Output.__new__(pulumi.Output)})
    if not takes_outputs:
        assert message == f"{field} is <Output>: use a plain value, known before the update"


def test_text_is_no_sequence_of_characters() -> None:
    for kind, field in FIELDS:
        if isinstance(VALID[kind][field], tuple | list):
            assert refusal(kind, {field: "abc"}) is not None, f"{kind.__name__}.{field}"


def test_a_bool_is_no_number_of_anything() -> None:
    for kind, field in FIELDS:
        held = VALID[kind][field]
        if isinstance(held, int) and not isinstance(held, bool):
            assert refusal(kind, {field: True}) is not None, f"{kind.__name__}.{field}"


def test_a_secret_is_in_no_message() -> None:
    from components.secrets import SecretArgs

    message = refusal(SecretArgs, {"value": b"swordfish"})
    assert message is not None
    assert "swordfish" not in message
