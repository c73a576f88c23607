"""EKS where it differs from the common lifecycle: clusters are apart, and what was promised is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cases.aws_eks import CLUSTER, KEY, role
from ec2_things import subnet
from lifecycle import Inputs, Refused, World


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


@pytest.fixture
def make(world: World) -> Iterator[Callable[..., tuple[str, Inputs, Inputs]]]:
    made: list[tuple[str, Inputs, Inputs]] = []

    def create(**changes: Any) -> tuple[str, Inputs, Inputs]:
        program = {
            "name": world.unique("eks"),
            "roleArn": role(world, "eks"),
            "vpcConfig": {"subnetIds": [subnet(world, 240), subnet(world, 241)]},
            **changes,
        }
        inputs = world.engine.checked(CLUSTER, program)
        identity, state = world.engine.create(CLUSTER, inputs)
        made.append((identity, inputs, state))
        return identity, inputs, state

    yield create
    for identity, inputs, state in made:
        world.client("eks").update_cluster_config(name=identity, deletionProtection=False)
        world.engine.delete(CLUSTER, identity, inputs, state)


def issuer(state: Inputs) -> str:
    return state["identities"][0]["oidcs"][0]["issuer"]


def test_two_clusters_have_an_issuer_and_an_endpoint_each(world: World, make: Any) -> None:
    (_, _, one), (_, _, other) = make(), make()
    assert issuer(one).startswith("https://")
    assert issuer(one) != issuer(other)
    assert one["endpoint"] != other["endpoint"]
    provider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    for state in (one, other):
        inputs = world.engine.checked(
            provider, {"url": issuer(state), "clientIdLists": ["sts.amazonaws.com"]}
        )
        identity, live = world.engine.create(provider, inputs)
        world.engine.delete(provider, identity, inputs, live)


def test_a_cluster_s_own_group_comes_and_goes_with_it(world: World) -> None:
    program = {
        "name": world.unique("eks"),
        "roleArn": role(world, "eks"),
        "vpcConfig": {"subnetIds": [subnet(world, 240)]},
    }
    inputs = world.engine.checked(CLUSTER, program)
    identity, state = world.engine.create(CLUSTER, inputs)
    client, group = world.client("ec2"), state["vpcConfig"]["clusterSecurityGroupId"]
    vpc = client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["VpcId"]
    assert vpc == state["vpcConfig"]["vpcId"]
    world.engine.delete(CLUSTER, identity, inputs, state)
    found = client.describe_security_groups(Filters=[{"Name": "group-id", "Values": [group]}])
    assert found["SecurityGroups"] == []


def test_a_protected_cluster_is_not_deleted(world: World, make: Any) -> None:
    identity, inputs, state = make(deletionProtection=True)
    with pytest.raises(Refused, match="deletion protection"):
        world.engine.delete(CLUSTER, identity, inputs, state)
    assert world.engine.read(CLUSTER, identity, inputs, state).id == identity
    off = world.engine.checked(CLUSTER, {**inputs, "deletionProtection": False}, inputs)
    assert world.engine.update(CLUSTER, identity, inputs, state, off)["deletionProtection"] is False


def test_the_key_of_secrets_can_not_be_changed(world: World, make: Any) -> None:
    encrypted = {"provider": {"keyArn": KEY}, "resources": ["secrets"]}
    identity, inputs, state = make(encryptionConfig=encrypted)
    other = {**inputs, "encryptionConfig": {**encrypted, "provider": {"keyArn": f"{KEY}-2"}}}
    with pytest.raises(Refused, match="encryption"):
        world.engine.update(CLUSTER, identity, inputs, state, other)


def test_subnets_must_exist(world: World) -> None:
    program = {
        "name": world.unique("eks"),
        "roleArn": role(world, "eks"),
        "vpcConfig": {"subnetIds": ["subnet-0123456789abcdef0"]},
    }
    with pytest.raises(Refused, match="subnet-0123456789abcdef0"):
        world.engine.create(CLUSTER, world.engine.checked(CLUSTER, program))
