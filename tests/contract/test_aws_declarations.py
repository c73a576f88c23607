"""The declarations of local types are true: what the official SDK has, and no more than that."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from localcloud import plugin
from localcloud.aws.base import AwsType
from localcloud.aws.endpoints import NAMES
from localcloud.aws.settings import SETTINGS
from localcloud.declared import DeclaredType
from localcloud.fields import Block, Field, ListOf, MapOf
from localcloud.sdk import Official, official

PACKAGES = {name: plugin.load(name) for name in ("aws", "random")}
TYPES = {token: package.resource(token) for package in PACKAGES.values() for token in package.tokens()}
every_type = pytest.mark.parametrize("token", TYPES)


def declared(token: str) -> DeclaredType:
    kind = TYPES[token]
    assert isinstance(kind, DeclaredType)
    return kind


def unknown_inputs(fields: Mapping[str, Field], known: Official, path: str = "") -> list[str]:
    """Return what the official type does not have, at any depth."""
    found = [f"{path}{name}" for name in sorted(fields.keys() - known.inputs)]
    for name, spec in fields.items():
        block = innermost(spec)
        if isinstance(block, Block) and name in known.inputs:
            assert name in known.nested, f"{path}{name} is no object officially"
            found += unknown_inputs(block.fields, known.nested[name], f"{path}{name}.")
    return found


def wrongly_required(fields: Mapping[str, Field], known: Official, path: str = "") -> list[str]:
    """Return the inputs that one side requires and the other does not."""
    required = {name for name, spec in fields.items() if spec.required}
    found = [f"{path}{name}" for name in sorted(required ^ known.required)]
    for name, spec in fields.items():
        block = innermost(spec)
        if isinstance(block, Block) and name in known.nested:
            found += wrongly_required(block.fields, known.nested[name], f"{path}{name}.")
    return found


def innermost(spec: Field) -> Field:
    while isinstance(spec, ListOf | MapOf):
        spec = spec.element
    return spec


@every_type
def test_inputs_are_official_ones(token: str) -> None:
    assert unknown_inputs(declared(token).inputs, official(token)) == []


@every_type
def test_the_same_inputs_are_required(token: str) -> None:
    assert wrongly_required(declared(token).inputs, official(token)) == []


@every_type
def test_outputs_are_official_ones(token: str) -> None:
    kind = declared(token)
    assert set(kind.outputs) - official(token).outputs == set()
    assert kind.secret_outputs <= set(kind.outputs) | set(kind.inputs)
    assert set(kind.volatile) <= set(kind.outputs) | set(kind.inputs)


@every_type
def test_conflicts_and_groups_name_inputs(token: str) -> None:
    kind = declared(token)
    named = {name for group in (*kind.exactly_one, *kind.at_least_one) for name in group}
    for spec in kind.inputs.values():
        named |= {*spec.conflicts, *spec.requires}
    assert named <= set(kind.inputs)


@every_type
def test_source_is_cited_with_its_revision(token: str) -> None:
    source = declared(token).source
    assert re.fullmatch(r"[\w-]+/[\w.-]+", source.repository)
    assert source.path
    assert re.fullmatch(r"[0-9a-f]{40}", source.revision)


@pytest.mark.parametrize("token", [token for token in TYPES if token.startswith("aws:")])
def test_aws_types_have_what_all_have(token: str) -> None:
    kind, known = declared(token), official(token)
    assert isinstance(kind, AwsType)
    assert kind.__doc__
    assert kind.taggable == ("tags" in known.inputs)
    assert kind.taggable == ("tagsAll" in kind.outputs)
    assert kind.regional == ("region" in known.inputs)


def test_every_function_exists_officially() -> None:
    package = PACKAGES["aws"]
    for token in package.functions():
        function = package.function(token)
        assert function.token == token
        assert function.__doc__
        assert re.fullmatch(r"[0-9a-f]{40}", function.source.revision)


def test_provider_settings_are_official_ones() -> None:
    known = official_provider()
    assert unknown_inputs(SETTINGS, known) == []
    assert known.nested["endpoints"].inputs == NAMES


def official_provider() -> Official:
    from pulumi_aws.provider import ProviderArgs

    from localcloud import sdk

    return sdk._describe(ProviderArgs, ())
