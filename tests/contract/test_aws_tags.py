"""Default tags of the provider, from the engine's side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from lifecycle import Engine, World
from pulumi.runtime.proto import provider_pb2

from localcloud import plugin, wire

VPC = "aws:ec2/vpc:Vpc"
NONE = provider_pb2.DiffResponse.DIFF_NONE


@pytest.fixture
def engine_with(world_of: Callable[[str], World], moto_url: str) -> Iterator[Callable[..., Engine]]:
    world_of("aws")  # sets the environment

    def make(**settings: Any) -> Engine:
        engine = Engine(plugin.load("aws"))
        engine.configure(
            {"region": World.region, "endpoints": [{"ec2": moto_url, "sts": moto_url}], **settings}
        )
        return engine

    yield make


def defaults(**tags: str) -> dict[str, Any]:
    return {"defaultTags": {"tags": tags}}


def test_default_tags_are_merged_and_kept_apart(engine_with: Callable[..., Engine], moto_url: str) -> None:
    engine = engine_with(**defaults(team="core", stage="dev"))
    inputs = engine.checked(VPC, {"cidrBlock": "10.60.0.0/16", "tags": {"Name": "x", "stage": "prod"}})
    planned = wire.decode(engine.create_raw(VPC, inputs, preview=True).properties)
    everything = {"team": "core", "Name": "x", "stage": "prod"}
    assert planned["tagsAll"] == everything
    id, state = engine.create(VPC, inputs)
    assert state["tags"] == {"Name": "x", "stage": "prod"}
    assert state["tagsAll"] == everything
    found = engine.read(VPC, id, inputs, state)
    assert found.state == state
    assert found.inputs["tags"] == inputs["tags"]
    assert engine.diff(VPC, id, inputs, state, inputs).changes == NONE
    engine.delete(VPC, id, inputs, state)


def test_changed_default_tags_reach_what_exists(engine_with: Callable[..., Engine]) -> None:
    before = engine_with(**defaults(team="core", old="yes"))
    inputs = before.checked(VPC, {"cidrBlock": "10.61.0.0/16", "tags": {"Name": "x"}})
    id, state = before.create(VPC, inputs)
    after = engine_with(**defaults(team="platform"))
    difference = after.diff(VPC, id, inputs, state, inputs)
    assert list(difference.diffs) == ["tagsAll"]
    assert not list(difference.replaces)
    assert after.update(VPC, id, inputs, state, inputs, preview=True)["tagsAll"] == {
        "team": "platform",
        "Name": "x",
    }
    changed = after.update(VPC, id, inputs, state, inputs)
    assert changed["tagsAll"] == {"team": "platform", "Name": "x"}
    assert after.read(VPC, id, inputs, changed).state == changed
    after.delete(VPC, id, inputs, changed)


def test_a_tag_in_both_places_is_no_change(engine_with: Callable[..., Engine]) -> None:
    engine = engine_with(**defaults(team="core"))
    inputs = engine.checked(VPC, {"cidrBlock": "10.62.0.0/16", "tags": {"team": "core"}})
    id, state = engine.create(VPC, inputs)
    assert state["tags"] == state["tagsAll"] == {"team": "core"}
    found = engine.read(VPC, id, inputs, state)
    assert engine.diff(VPC, id, found.inputs, found.state, inputs).changes == NONE
    engine.delete(VPC, id, inputs, state)


def test_ignored_tags_are_neither_shown_nor_removed(
    engine_with: Callable[..., Engine], world_of: Callable[[str], World]
) -> None:
    client = world_of("aws").client("ec2")
    engine = engine_with(ignoreTags={"keyPrefixes": ["billing:"]})
    inputs = engine.checked(VPC, {"cidrBlock": "10.63.0.0/16", "tags": {"Name": "x"}})
    id, state = engine.create(VPC, inputs)
    client.create_tags(Resources=[id], Tags=[{"Key": "billing:code", "Value": "7"}])
    found = engine.read(VPC, id, inputs, state)
    assert found.state == state
    changed = {**inputs, "tags": {"Name": "y"}}
    engine.update(VPC, id, inputs, state, changed)
    live = client.describe_vpcs(VpcIds=[id])["Vpcs"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in live} == {"billing:code": "7", "Name": "y"}
    engine.delete(VPC, id, changed, state)


def test_another_region_is_another_thing(engine_with: Callable[..., Engine]) -> None:
    engine = engine_with()
    inputs = engine.checked(VPC, {"cidrBlock": "10.64.0.0/16", "region": "eu-west-1"})
    id, state = engine.create(VPC, inputs)
    assert state["region"] == "eu-west-1"
    assert ":eu-west-1:" in state["arn"]
    assert engine.read(VPC, id, inputs, state).state == state
    here = engine.checked(VPC, {"cidrBlock": "10.64.0.0/16"})
    assert list(engine.diff(VPC, id, inputs, state, here).replaces) == ["region"]
    engine.delete(VPC, id, inputs, state)
