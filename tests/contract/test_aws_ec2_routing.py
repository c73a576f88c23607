"""EC2 types where they differ from the common lifecycle: what moves, what is left behind, what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ec2_things import EIP, GROUP, INGRESS, SUBNET, TABLE, VPC, gateway, group, subnet, table, vpc
from lifecycle import Refused, World
from pulumi.runtime.proto import provider_pb2

NONE = provider_pb2.DiffResponse.DIFF_NONE
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
NAT = "aws:ec2/natGateway:NatGateway"
ROUTE = "aws:ec2/route:Route"


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


def own_subnet(world: World, number: int) -> str:
    inputs = {
        "vpcId": vpc(world),
        "cidrBlock": f"10.42.255.{number * 16}/28",
        "tags": {"Name": world.unique("own")},
    }
    return world.make(SUBNET, inputs)[0]


def test_an_association_moves_to_another_table(world: World) -> None:
    engine = world.engine
    inputs = engine.checked(ASSOCIATION, {"subnetId": own_subnet(world, 1), "routeTableId": table(world)})
    id, state = engine.create(ASSOCIATION, inputs)
    other = {**inputs, "routeTableId": table(world, "other")}
    difference = engine.diff(ASSOCIATION, id, inputs, state, other)
    assert list(difference.diffs) == ["routeTableId"]
    assert not list(difference.replaces)
    after = engine.update(ASSOCIATION, id, inputs, state, other)
    assert after["routeTableId"] == other["routeTableId"]
    found = engine.read(ASSOCIATION, id, other, after)
    assert (found.id, found.state) == (id, after)
    engine.delete(ASSOCIATION, id, other, after)
    assert engine.read(ASSOCIATION, id, other, after).id == ""


def test_an_association_that_was_moved_by_hand_is_seen(world: World) -> None:
    engine, client = world.engine, world.client("ec2")
    inputs = engine.checked(ASSOCIATION, {"subnetId": own_subnet(world, 2), "routeTableId": table(world)})
    id, state = engine.create(ASSOCIATION, inputs)
    client.replace_route_table_association(AssociationId=id, RouteTableId=table(world, "third"))
    found = engine.read(ASSOCIATION, id, inputs, state)
    assert found.inputs["routeTableId"] == table(world, "third")
    healed = engine.update(ASSOCIATION, id, found.inputs, found.state, inputs)
    assert healed["routeTableId"] == inputs["routeTableId"]
    engine.delete(ASSOCIATION, id, inputs, healed)


def test_a_second_association_of_a_subnet_is_refused(world: World) -> None:
    engine = world.engine
    inputs = engine.checked(ASSOCIATION, {"subnetId": own_subnet(world, 3), "routeTableId": table(world)})
    id, state = engine.create(ASSOCIATION, inputs)
    with pytest.raises(Refused, match="is associated with") as refused:
        engine.create(ASSOCIATION, {**inputs, "routeTableId": table(world, "other")})
    assert refused.value.partial is None
    engine.delete(ASSOCIATION, id, inputs, state)


def test_a_route_to_a_missing_nat_gateway_is_refused(world: World) -> None:
    inputs = {"routeTableId": table(world), "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0123"}
    with pytest.raises(Refused, match="there is no NAT gateway nat-0123"):
        world.engine.create(ROUTE, world.engine.checked(ROUTE, inputs))


@pytest.mark.parametrize("destination", ["destinationIpv6CidrBlock", "destinationCidrBlock"])
def test_routes_of_both_families(world: World, destination: str) -> None:
    where = "2001:db8::/32" if "6" in destination else "198.51.100.0/24"
    inputs = {"routeTableId": table(world), destination: where, "gatewayId": gateway(world)}
    id, state = world.engine.create(ROUTE, world.engine.checked(ROUTE, inputs))
    assert state["state"] == "active"
    assert world.engine.read(ROUTE, f"{inputs['routeTableId']}_{where}").id == id
    world.engine.delete(ROUTE, id, inputs, state)
    assert world.engine.read(ROUTE, id, inputs, state).id == ""


def test_an_ipv6_block_written_otherwise_is_no_change(world: World) -> None:
    old = {"routeTableId": "rtb-1", "destinationIpv6CidrBlock": "2001:db8::/32", "gatewayId": "igw-1"}
    new = {**old, "destinationIpv6CidrBlock": "2001:0DB8:0::/32"}
    checked = world.engine.checked(ROUTE, new)
    assert world.engine.diff(ROUTE, "r-1", old, {}, checked).changes == NONE


def test_a_nat_gateway_leaves_nothing_behind(world: World) -> None:
    engine, client = world.engine, world.client("ec2")
    address, _ = world.make(EIP, {"domain": "vpc", "tags": {"Name": world.unique("behind")}})
    inputs = engine.checked(NAT, {"subnetId": subnet(world, 254), "allocationId": address})
    id, state = engine.create(NAT, inputs)
    assert state["publicIp"]
    engine.delete(NAT, id, inputs, state)
    assert "AssociationId" not in client.describe_addresses(AllocationIds=[address])["Addresses"][0]
    criteria = [{"Name": "subnet-id", "Values": [inputs["subnetId"]]}]
    assert client.describe_network_interfaces(Filters=criteria)["NetworkInterfaces"] == []


def test_an_endpoint_moves_its_routes_and_goes_without_them(world: World) -> None:
    engine, client = world.engine, world.client("ec2")

    def routes_of(route_table: str) -> set[str]:
        found = client.describe_route_tables(RouteTableIds=[route_table])["RouteTables"][0]["Routes"]
        return {route["GatewayId"] for route in found if route.get("DestinationPrefixListId")}

    first, second = table(world, world.unique("a")), table(world, world.unique("b"))
    service = f"com.amazonaws.{world.region}.s3"
    program = {"vpcId": vpc(world), "serviceName": service, "routeTableIds": [first]}
    inputs = engine.checked(ENDPOINT, program)
    id, state = engine.create(ENDPOINT, inputs)
    assert routes_of(first) == {id}
    moved = {**inputs, "routeTableIds": [second]}
    state = engine.update(ENDPOINT, id, inputs, state, moved)
    assert (routes_of(first), routes_of(second)) == (set(), {id})
    client.delete_route(RouteTableId=second, DestinationPrefixListId=state["prefixListId"])
    engine.delete(ENDPOINT, id, moved, state)
    assert engine.read(ENDPOINT, id, moved, state).id == ""


def test_a_group_keeps_the_rules_of_others(world: World) -> None:
    engine, client = world.engine, world.client("ec2")
    inputs = engine.checked(
        GROUP, {"name": world.unique("shared"), "vpcId": vpc(world), "ingress": [INGRESS]}
    )
    id, state = engine.create(GROUP, inputs)
    client.authorize_security_group_ingress(
        GroupId=id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="10.0.0.0/8"
    )
    other = engine.checked(
        GROUP, {**inputs, "ingress": [{**INGRESS, "cidrBlocks": ["10.1.0.0/16", "10.2.0.0/16"]}]}, inputs
    )
    engine.update(GROUP, id, inputs, state, other)
    found = client.describe_security_groups(GroupIds=[id])["SecurityGroups"][0]["IpPermissions"]
    live = {(each["FromPort"], tuple(sorted(r["CidrIp"] for r in each["IpRanges"]))) for each in found}
    assert live == {(22, ("10.0.0.0/8",)), (443, ("10.1.0.0/16", "10.2.0.0/16"))}
    engine.delete(GROUP, id, other, state)


@pytest.mark.parametrize("ipv6", [False, True])
@pytest.mark.parametrize("cidrs", [[], ["0.0.0.0/0"]])
@pytest.mark.parametrize("ipv6_cidrs", [[], ["::/0"]])
def test_a_new_group_has_the_egress_that_was_asked_for(
    world: World, ipv6: bool, cidrs: list[str], ipv6_cidrs: list[str]
) -> None:
    program = {"cidrBlock": "10.20.0.0/16", "tags": {"Name": f"egress-{ipv6}"}}
    network, _ = world.make(VPC, {**program, "assignGeneratedIpv6CidrBlock": True} if ipv6 else program)
    rule = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": cidrs, "ipv6CidrBlocks": ipv6_cidrs}
    egress = [rule] if cidrs or ipv6_cidrs else []
    inputs = world.engine.checked(GROUP, {"name": world.unique("egress"), "vpcId": network, "egress": egress})
    id, state = world.engine.create(GROUP, inputs)
    found = world.client("ec2").describe_security_groups(GroupIds=[id])["SecurityGroups"][0]
    live = found["IpPermissionsEgress"]
    assert sorted(r["CidrIp"] for each in live for r in each["IpRanges"]) == cidrs
    assert sorted(r["CidrIpv6"] for each in live for r in each["Ipv6Ranges"]) == ipv6_cidrs
    world.engine.delete(GROUP, id, inputs, state)


def test_a_group_is_found_by_its_prefix_and_tags(world: World) -> None:
    engine = world.engine
    program = {"namePrefix": "pre-", "vpcId": vpc(world), "tags": {"Name": world.unique("prefix")}}
    inputs = engine.checked(GROUP, program)
    kind = engine.provider._package.resource(GROUP)
    operation = engine.provider._operation(provider_pb2.CreateRequest(urn="urn::x"), kind, "create")
    assert kind.find(operation, inputs) is None
    id, state = engine.create(GROUP, inputs)
    assert state["name"].startswith("pre-")
    assert state["namePrefix"] == "pre-"
    assert kind.find(operation, inputs) == id
    assert kind.find(operation, {**inputs, "tags": {}}) is None
    assert engine.diff(GROUP, id, inputs, state, engine.checked(GROUP, program, inputs)).changes == NONE
    engine.delete(GROUP, id, inputs, state)


def test_a_rule_about_another_group_tells_its_description(world: World) -> None:
    engine = world.engine
    program = {
        "securityGroupId": group(world, world.unique("rules")),
        "ipProtocol": "tcp",
        "fromPort": 5432,
        "toPort": 5432,
        "referencedSecurityGroupId": group(world),
        "description": "the workers",
    }
    inputs = engine.checked(INGRESS_RULE, program)
    id, state = engine.create(INGRESS_RULE, inputs)
    assert engine.read(INGRESS_RULE, id, inputs, state).state == state
    assert engine.read(INGRESS_RULE, id).inputs["description"] == "the workers"
    changed = {**inputs, "toPort": 5433}
    difference = engine.diff(INGRESS_RULE, id, inputs, state, changed)
    assert not list(difference.replaces)
    after = engine.update(INGRESS_RULE, id, inputs, state, changed)
    assert (after["toPort"], after["description"]) == (5433, "the workers")
    described = engine.diff(INGRESS_RULE, id, inputs, state, {**inputs, "description": "others"})
    assert list(described.replaces) == ["description"]
    engine.delete(INGRESS_RULE, id, changed, after)


def test_a_network_gets_and_loses_ipv6(world: World) -> None:
    engine = world.engine
    program = {"cidrBlock": "10.30.0.0/16", "tags": {"Name": world.unique("six")}}
    inputs = engine.checked(VPC, program)
    id, state = engine.create(VPC, inputs)
    assert "ipv6CidrBlock" not in state
    more = engine.checked(VPC, {**program, "assignGeneratedIpv6CidrBlock": True}, inputs)
    after = engine.update(VPC, id, inputs, state, more)
    block = after["ipv6CidrBlock"].replace("/56", "/64")
    part = engine.checked(
        SUBNET,
        {
            "vpcId": id,
            "cidrBlock": "10.30.1.0/24",
            "ipv6CidrBlock": block,
            "assignIpv6AddressOnCreation": True,
        },
    )
    part_id, part_state = engine.create(SUBNET, part)
    assert part_state["ipv6CidrBlock"] == block
    assert part_state["assignIpv6AddressOnCreation"] is True
    engine.delete(SUBNET, part_id, part, part_state)
    less = engine.update(VPC, id, more, after, inputs)
    assert "ipv6CidrBlock" not in less
    engine.delete(VPC, id, inputs, less)


def test_tenancy_is_loosened_in_place_only(world: World) -> None:
    shared = world.engine.checked(VPC, {"cidrBlock": "10.31.0.0/16"})
    dedicated = {**shared, "instanceTenancy": "dedicated"}
    assert list(world.engine.diff(VPC, "vpc-1", shared, {}, dedicated).replaces) == ["instanceTenancy"]
    assert not list(world.engine.diff(VPC, "vpc-1", dedicated, {}, shared).replaces)


def test_a_route_table_shows_only_its_own_routes(world: World) -> None:
    engine = world.engine
    inputs = engine.checked(TABLE, {"vpcId": vpc(world), "tags": {"Name": world.unique("bare")}})
    id, state = engine.create(TABLE, inputs)
    assert state["routes"] == []
    engine.delete(TABLE, id, inputs, state)
