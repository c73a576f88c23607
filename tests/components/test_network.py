"""Networks: what is closed, what stays within, what is recorded, and those of another stack."""

import ipaddress
import json
from dataclasses import fields
from typing import Any

import component_examples as examples
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.network import ENDPOINTS, GATEWAYS, ExistingNetwork, Network, NetworkArgs

TRAFFIC = "understudy:network:FlowLogs"


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Network, **changes))


def existing(**changes: Any) -> ExistingNetwork:
    return ExistingNetwork(
        **{
            "vpc_id": pulumi.Output.from_input("vpc-9"),
            "vpc_arn": "arn:vpc-9",
            "cidr": pulumi.Output.from_input("10.20.0.0/16"),
            "public_subnet_ids": ["subnet-1"],
            "private_subnet_ids": pulumi.Output.from_input(["subnet-2"]),
            "data_subnet_ids": ["subnet-3"],
            **changes,
        }
    )


def test_the_default_group_lets_nothing_through() -> None:
    group = built().one("DefaultSecurityGroup").inputs
    assert (group["vpcId"], group["ingress"], group["egress"]) == ("orders-id", [], [])


def test_production_reaches_every_service_without_the_internet() -> None:
    services = {one.inputs["serviceName"]: one.inputs for one in built().of("VpcEndpoint")}
    assert set(services) == {f"com.amazonaws.eu-west-1.{service}" for service in ENDPOINTS}
    for name, inputs in services.items():
        gateway = name.rsplit(".", 1)[-1] in GATEWAYS
        assert inputs["vpcEndpointType"] == ("Gateway" if gateway else "Interface")
        if not gateway:
            assert inputs["privateDnsEnabled"] is True
            assert inputs["subnetIds"] == [f"orders-private-{zone}-id" for zone in "abc"]
            assert inputs["securityGroupIds"] == ["orders-endpoints-id"]


def test_only_workloads_reach_the_endpoints_and_only_by_https() -> None:
    network = built(cidr="10.30.0.0/16")
    rule = network.one("SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["cidrIpv4"]) == (443, 443, "10.30.0.0/17")
    assert rule["securityGroupId"] == "orders-endpoints-id"
    assert not network.of("SecurityGroupEgressRule")


def test_few_endpoints_cost_nothing() -> None:
    network = built(endpoints=GATEWAYS)
    assert {one.inputs["vpcEndpointType"] for one in network.of("VpcEndpoint")} == {"Gateway"}
    assert not network.of("ec2/securityGroup:SecurityGroup")
    assert not built(endpoints=()).of("VpcEndpoint")


def test_all_traffic_is_recorded_by_a_role_that_can_do_nothing_else() -> None:
    network = built(flow_log_days=30)
    log = network.one("ec2/flowLog:FlowLog").inputs
    group = network.one("LogGroup", "orders-flow-logs-logs").inputs
    assert (log["trafficType"], log["vpcId"], group["retentionInDays"]) == ("ALL", "orders-id", 30)
    assert log["logDestination"].endswith(group["name"])
    trust = json.loads(network.one("iam/role:Role").inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    allowed = json.loads(network.one("RolePolicy").inputs["policy"])["Statement"][0]
    assert all(action.startswith("logs:") and "*" not in action for action in allowed["Action"])
    assert all(resource.removesuffix(":*").endswith(group["name"]) for resource in allowed["Resource"])


def test_traffic_need_not_be_recorded() -> None:
    assert not built(flow_log_days=None).of(TRAFFIC)


@pytest.mark.parametrize(("nat", "tables"), [("zone", 3), ("single", 1), ("none", 0)])
def test_ipv6_goes_out_where_ipv4_does_and_never_in(nat: str, tables: int) -> None:
    network = built(ipv6=True, nat=nat)
    assert network.one("ec2/vpc:Vpc").inputs["assignGeneratedIpv6CidrBlock"] is True
    blocks = [ipaddress.IPv6Network(one.inputs["ipv6CidrBlock"]) for one in network.of("subnet:Subnet")]
    assert len(set(blocks)) == 9
    routes = [one.inputs for one in network.of("route:Route") if "destinationIpv6CidrBlock" in one.inputs]
    assert [one["routeTableId"] for one in routes if "gatewayId" in one] == ["orders-public-id"]
    private = [one["routeTableId"] for one in routes if "egressOnlyGatewayId" in one]
    assert len(private) == tables
    assert all(table.startswith("orders-private") for table in private)


def test_without_ipv6_there_is_none() -> None:
    network = built()
    assert "assignGeneratedIpv6CidrBlock" not in network.one("ec2/vpc:Vpc").inputs
    assert not [one for one in network.of("subnet:Subnet") if "ipv6CidrBlock" in one.inputs]


def test_load_balancers_find_their_subnets() -> None:
    for subnet in built().of("subnet:Subnet"):
        tags = subnet.inputs["tags"]
        roles = {key for key in tags if key.startswith("kubernetes.io/role/")}
        expected = {"public": {"kubernetes.io/role/elb"}, "private": {"kubernetes.io/role/internal-elb"}}
        assert roles == expected.get(tags["tier"], set())


def test_an_existing_network_is_taken_over_as_it_is() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        network = examples.make(Network, existing=existing())
        network.tier("private").apply(lambda block: seen.update(private=block))
        network.subnet_ids("data").apply(lambda found: seen.update(data=found))
        with pytest.raises(InvalidArgument, match="use tier"):
            _ = network.plan

    taken = run(program)
    assert [one.token for one in taken.resources] == ["understudy:network:Network"]
    assert taken.resources[0].outputs == {
        "vpcId": "vpc-9",
        "vpcArn": "arn:vpc-9",
        "cidr": "10.20.0.0/16",
        "publicSubnetIds": ["subnet-1"],
        "privateSubnetIds": ["subnet-2"],
        "dataSubnetIds": ["subnet-3"],
    }
    assert seen == {"private": "10.20.0.0/17", "data": ["subnet-3"]}


def test_an_own_network_tells_the_same_outputs_and_blocks() -> None:
    seen: dict[str, str] = {}

    def program() -> None:
        network = examples.make(Network, cidr="10.20.0.0/16")
        network.tier("data").apply(lambda block: seen.update(data=block))
        seen["plan"] = network.plan.tier("data")

    own = run(program).one("understudy:network:Network").outputs
    taken = run(lambda: examples.make(Network, existing=existing())).resources[0].outputs
    assert own is not None and taken is not None
    assert set(own) == set(taken)
    assert seen["data"] == seen["plan"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoints", "s3"),
        ("endpoints", ["s3"]),
        ("endpoints", ("s3", "s3")),
        ("endpoints", ("s4",)),
        ("endpoints", (None,)),
        ("endpoints", ("ecr.dkr",)),
        ("flow_log_days", 0),
        ("flow_log_days", 91),
        ("flow_log_days", "30"),
        ("ipv6", "yes"),
        ("cidr", 167_772_160),
        ("zones", "abc"),
        ("zones", (1,)),
        ("zones", (["a"],)),
        ("nat", ["zone"]),
        ("region", 1),
    ],
)
def test_a_bad_value_is_named(field: str, value: object) -> None:
    fields: dict[str, Any] = {"context": examples.context(), "region": "eu-west-1", field: value}
    with pytest.raises(InvalidArgument, match=rf"^{field}(\[.*\])? is ") as problem:
        NetworkArgs(**fields)
    assert "\n" not in str(problem.value)


HOSTILE = sorted({field.name for field in fields(NetworkArgs)} - {"context", "existing"})
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=300),
    st.binary(max_size=20),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=20)), max_size=4),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=20)), max_size=4).map(tuple),
    st.dictionaries(st.text(max_size=20), st.integers()),
)


@given(st.sampled_from(HOSTILE), anything)
def test_whatever_is_given_to_a_network_it_is_taken_or_named(field: str, value: Any) -> None:
    try:
        NetworkArgs(**{"context": examples.context(), "region": "eu-west-1", field: value})
    except InvalidArgument as problem:
        assert "\n" not in str(problem)
