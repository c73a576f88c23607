# pyright: reportMissingImports=false
"""A foundation of one's own or another stack's: the same outputs, nothing of it touched by who shares it."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_mocks import Run, run

ROOT = Path(__file__).parent.parent.parent
IMAGES = {name: f"understudy.local/{name}@sha256:{'a' * 64}" for name in ("orders", "pricing")}
OWNER = "organization/understudy/development"


def environment(stack: str, stacks: dict[str, Any] | None = None, **config: str) -> Run:
    given = {
        "understudy:images": json.dumps(IMAGES),
        "understudy:commit": "0f3c2a",
        "aws:region": "eu-west-1",
    }
    given |= {f"understudy:{key}": value for key, value in config.items()}

    def program() -> None:
        runpy.run_path(str(ROOT / "stacks"), run_name="__main__")

    return run(program, stack_name=stack, config=given, stacks=stacks)


@pytest.fixture(scope="module")
def owner() -> Run:
    return environment("development", issuer="oidc.example.com/id/1")


@pytest.fixture(scope="module")
def sharing(owner: Run) -> Run:
    return environment("feature-x", {OWNER: owner.outputs}, foundation="development")


def test_who_shares_makes_no_network(owner: Run, sharing: Run) -> None:
    network = ("ec2/vpc:Vpc", "ec2/subnet:Subnet", "natGateway:NatGateway", "routeTable:RouteTable")
    assert all(owner.of(token) for token in network)
    assert not any(sharing.of(token) for token in network)


def test_the_outputs_are_the_same_either_way(owner: Run, sharing: Run) -> None:
    assert set(sharing.outputs) == set(owner.outputs)
    assert sharing.outputs["foundation"] == owner.outputs["foundation"]
    assert owner.outputs["foundation"]["stack"] == "development"
    assert owner.outputs["foundation"]["issuer"] == "oidc.example.com/id/1"


def test_what_stands_on_it_is_in_the_shared_network(owner: Run, sharing: Run) -> None:
    ground = owner.outputs["foundation"]
    for one in sharing.of("ec2/securityGroup:SecurityGroup"):
        assert one.inputs["vpcId"] == ground["vpc_id"]
    assert sharing.one("rds/subnetGroup:SubnetGroup").inputs["subnetIds"] == ground["data_subnet_ids"]
    rules = sharing.of("SecurityGroupIngressRule")
    blocks = {one.inputs["cidrIpv4"] for one in rules if "referencedSecurityGroupId" not in one.inputs}
    assert blocks == {ground["workload_cidr"]}
    trust = json.loads(sharing.one("iam/role:Role", "orders-role").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Condition"]["StringEquals"] == {
        "oidc.example.com/id/1:aud": "sts.amazonaws.com",
        "oidc.example.com/id/1:sub": "system:serviceaccount:understudy-feature-x:orders",
    }


def test_two_on_one_foundation_share_no_name_role_or_namespace(owner: Run, sharing: Run) -> None:
    other = environment("feature-y", {OWNER: owner.outputs}, foundation="development")
    keys = ("name", "bucket", "identifier", "replicationGroupId")

    def names(of: Run) -> set[tuple[str, str]]:
        return {
            (one.token, one.inputs[key])
            for one in of.resources
            for key in keys
            if one.token.startswith("aws:") and isinstance(one.inputs.get(key), str)
            if one.token != "aws:iam/rolePolicy:RolePolicy"
        }

    def namespaces(of: Run) -> set[str]:
        return {
            one.inputs["metadata"].get("namespace") or one.inputs["metadata"]["name"]
            for one in of.resources
            if one.token.startswith("kubernetes:")
        }

    assert names(sharing)
    assert not names(sharing) & names(other)
    assert not namespaces(sharing) & namespaces(other)
    assert not namespaces(sharing) & namespaces(owner)
    # Everything that a stack registers is deleted with it: nothing of the foundation may be among it.
    assert not any(one.inputs.get("vpcId") is None for one in sharing.of("ec2/securityGroup:SecurityGroup"))


@pytest.mark.parametrize(
    ("exported", "expected"),
    [
        (None, "exports no foundation; bring it up first"),
        ("vpc-1", "exports no foundation"),
        ({"region": "us-east-1"}, "it is in us-east-1"),
        ({"region": "eu-west-1", "stack": "development"}, "it exports no vpc_id"),
    ],
)
def test_what_is_no_foundation_is_refused(exported: object, expected: str) -> None:
    from foundation import checked
    from resolution import Given, resolve_settings

    config = {"understudy:foundation": "development"}
    settings = resolve_settings(
        Given(stack="feature-x", project="understudy", config=config, environ={}, root=Path("/nonexistent"))
    ).settings
    with pytest.raises(pulumi.RunError) as problem:
        checked(exported, settings)
    assert expected in str(problem.value)
    assert str(problem.value).startswith("understudy:foundation is 'development'")


def test_a_stack_that_exports_nothing_stops_the_program() -> None:
    with pytest.raises(pulumi.RunError, match="exports no foundation"):
        environment("feature-x", {OWNER: {}}, foundation="development")
