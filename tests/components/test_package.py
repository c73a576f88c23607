"""The components as a package: what the schema says, and arguments as they come from the engine."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import component_examples as examples
import pulumi
import pytest

from components.checks import InvalidArgument
from components.component import Component, camel
from components.messaging import QueueArgs
from components.network import NetworkArgs
from components.package.catalogue import Entry, catalogue
from components.package.docstrings import attribute_texts, example, prose, section
from components.package.inputs import arguments
from components.package.schema import VERSION, python_only, schema, type_token
from components.package.shapes import NotExpressible, type_spec
from components.services import ServiceArgs

CATALOGUE = catalogue()
SCHEMA = schema()
every = pytest.mark.parametrize("entry", CATALOGUE.values(), ids=CATALOGUE)


def on_the_wire(value: Any) -> Any:
    """A value as the engine hands it on: names in camel case, lists, and one kind of number."""
    if dataclasses.is_dataclass(value):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return {camel(name): on_the_wire(held) for name, held in fields.items() if held is not None}
    if isinstance(value, dict):
        return {key: on_the_wire(held) for key, held in value.items()}
    if isinstance(value, tuple | list):
        return [on_the_wire(held) for held in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def plain(value: Any) -> Any:
    """A value for comparison: a tuple and a list are the same sequence."""
    if dataclasses.is_dataclass(value):
        return type(value), {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(held) for held in value]
    return value


@every
def test_arguments_come_through_unchanged(entry: Entry) -> None:
    _, fields = examples.EXAMPLES[entry.component]
    local = set(python_only(entry.arguments))
    given = {name: value for name, value in fields().items() if name not in local}
    here = entry.arguments(context=examples.context(), **given)
    sent = {name: value for name, value in on_the_wire(here).items() if name not in map(camel, local)}
    assert plain(arguments(entry.arguments, sent)) == plain(here)


def test_every_component_is_in_the_schema_by_its_own_token() -> None:
    assert {entry.component for entry in CATALOGUE.values()} == set(examples.EXAMPLES)
    left = {token for token, entry in CATALOGUE.items() if python_only(entry.arguments, required=True)}
    assert set(SCHEMA["resources"]) == set(CATALOGUE) - left


def test_everything_is_described_and_typed() -> None:
    described: list[tuple[str, dict[str, Any]]] = []
    for token, resource in SCHEMA["resources"].items():
        described.append((token, resource))
        for kind in ("inputProperties", "properties"):
            described += [(f"{token}.{name}", spec) for name, spec in resource[kind].items()]
        assert resource["properties"], token
    for token, nested in SCHEMA["types"].items():
        described.append((token, nested))
        described += [(f"{token}.{name}", spec) for name, spec in nested["properties"].items()]
    assert [name for name, spec in described if not spec["description"].strip()] == []
    assert [name for name, spec in described if not ("type" in spec or "$ref" in spec)] == []


def test_every_reference_is_to_a_type_of_the_schema() -> None:
    def references(spec: Any) -> set[str]:
        if isinstance(spec, dict):
            own = {spec["$ref"]} if "$ref" in spec else set[str]()
            return own.union(*[references(held) for held in spec.values()])
        return set()

    known = {f"#/types/{token}" for token in SCHEMA["types"]} | {"pulumi.json#/Any", "pulumi.json#/Archive"}
    assert references(SCHEMA) <= known
    assert "#/types/understudy:index:Context" in references(SCHEMA)


def test_what_must_be_known_before_the_update_is_plain_and_the_rest_is_not() -> None:
    service = SCHEMA["resources"]["understudy:services:Service"]
    assert service["inputProperties"]["replicas"]["plain"] is True
    assert "plain" not in service["inputProperties"]["namespace"]
    assert service["inputProperties"]["config"]["plain"] is True
    assert "plain" not in service["inputProperties"]["config"]["additionalProperties"]
    assert service["inputProperties"]["replicas"]["default"] == 2
    assert {"context", "image", "language"} <= set(service["requiredInputs"])
    assert "replicas" not in service["requiredInputs"]


def test_units_and_examples_are_kept_apart() -> None:
    queue = SCHEMA["resources"]["understudy:messaging:Queue"]["description"]
    assert "All times are in seconds." in queue
    assert ">>>" not in queue
    assert "Raises" not in queue


def test_the_version_is_the_project_s() -> None:
    import tomllib
    from pathlib import Path

    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"] == VERSION


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        (QueueArgs, {"visibilityTimeout": -1.0}, "visibilityTimeout is -1: use a whole number from 0"),
        (QueueArgs, {"visibilityTimeout": 1.5}, "visibilityTimeout is 1.5: use a whole number"),
        (QueueArgs, {"retention": "long"}, "retention is 'long': use a whole number"),
        (QueueArgs, {"context": None}, "context is None: it is required"),
        (QueueArgs, {"context": "x"}, "context is 'x': use a Context"),
        (QueueArgs, {"alarmActions": [5.0]}, "alarmActions[0] is 5.0: use text"),
        (QueueArgs, {"visibility_timeout": 5.0}, "visibility_timeout is 5.0: there is no such argument, use"),
        (QueueArgs, {"alarmActions": "abc"}, "alarmActions is 'abc': use a tuple or a list"),
        (NetworkArgs, {"zones": ["a", "z"]}, "zones is 'z': use letters from a to d"),
        (ServiceArgs, {"ports": [{"name": "http"}]}, "ports[0].number is None: it is required"),
        (
            ServiceArgs,
            {"ports": [{"name": "http", "number": 8080.0}, {"name": "UP", "number": 1.0}]},
            "ports[1].name is 'UP': use at most 15 of a-z and 0-9",
        ),
        (ServiceArgs, {"size": {"memory": 1.0}}, "size.memory is 1: use a whole number from 16"),
        (ServiceArgs, {"size": {"ram": 1.0}}, "size.ram is 1.0: there is no such argument, use one of cpu, "),
    ],
)
def test_a_bad_argument_is_named_as_the_caller_wrote_it(
    kind: type[Any], changes: dict[str, Any], message: str
) -> None:
    here = dict(examples.EXAMPLES.values())[kind]
    given = {**on_the_wire(kind(context=examples.context(), **here())), **changes}
    with pytest.raises(InvalidArgument) as problem:
        arguments(kind, given)
    assert str(problem.value).startswith(message)
    assert str(problem.value).isprintable()


def test_an_output_is_taken_where_the_component_waits_and_refused_where_it_can_not() -> None:
    output: Any = pulumi.Output.__new__(pulumi.Output)
    sent = on_the_wire(QueueArgs(context=examples.context()))
    assert arguments(QueueArgs, {**sent, "kmsKeyArn": output}).kms_key_arn is output
    with pytest.raises(InvalidArgument, match=r"^retention is <Output>: use a plain value"):
        arguments(QueueArgs, {**sent, "retention": output})


@dataclass(frozen=True, kw_only=True)
class OddArgs:
    """What no component has now. Sizes are in MiB."""

    mode: Literal["fast", "safe"]
    """How."""
    parents: Sequence[Component] = ()
    """Other components."""
    size: int | None = None
    """How much."""
    ratio: float = 0.5
    """How many."""
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """What on it."""


def test_what_only_python_has_is_left_out_and_refused() -> None:
    assert list(python_only(OddArgs)) == ["parents"]
    assert list(python_only(OddArgs, required=True)) == []
    assert arguments(OddArgs, {"mode": "fast", "ratio": 2.0, "size": 3.0}) == OddArgs(
        mode="fast", ratio=2.0, size=3
    )
    with pytest.raises(InvalidArgument, match=r"^parents is .*: there is no such argument"):
        arguments(OddArgs, {"mode": "fast", "parents": []})


@pytest.mark.parametrize("kind", [Component, int | str, set[str], tuple[str, int], dict[int, str]])
def test_a_type_without_a_counterpart_is_said_to_be_one(kind: Any) -> None:
    with pytest.raises(NotExpressible):
        type_spec(kind, lambda _: "")


def test_tokens_of_nested_types() -> None:
    assert type_token(type(examples.context())) == "understudy:index:Context"


def test_docstrings_are_taken_apart() -> None:
    text = """It does.

    In two
    lines.

    Example:
        >>> a = (
        ...     1)
        >>> b

    Raises:
        InvalidArgument: it is wrong,
            and long.

    And more.
    """
    assert prose(text) == "It does.\n\nIn two lines.\n\nAnd more."
    assert example(text) == "a = (\n    1)\nb"
    assert section("A.\n\nRaises:\n    One: is\n        two.\n", "Raises") == "One: is\n    two."
    assert section("A.", "Raises") == ""
    assert attribute_texts(OddArgs)["size"] == "How much."
