"""aws:ec2/vpc:Vpc."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.addresses import ipv4_block
from localcloud.aws.ec2.base import Ec2Type, filters, first, on, tags_of
from localcloud.compare import Change, Kind
from localcloud.fields import Failures, Flag, Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidVpcID.NotFound"

# Input, EC2's attribute, and what a new VPC has.
_ATTRIBUTES = (
    ("enableDnsSupport", "EnableDnsSupport", True),
    ("enableDnsHostnames", "EnableDnsHostnames", False),
    ("enableNetworkAddressUsageMetrics", "EnableNetworkAddressUsageMetrics", False),
)

# Of the things that EC2 makes with a VPC; they keep their ids as long as it lives.
_BORN_WITH_IT = ("defaultNetworkAclId", "defaultRouteTableId", "mainRouteTableId", "defaultSecurityGroupId")


class Vpc(Ec2Type):
    """A virtual network. Pools of an address manager (IPAM) are not implemented."""

    token = "aws:ec2/vpc:Vpc"
    source = read_from("ec2/vpc_.go", "00081ce41cc691433ac19bf42227cdabffd0454d")
    tag_kind = "vpc"
    taggable = True
    inputs = {
        "cidrBlock": Text(computed=True, force_new=True, check=ipv4_block(16, 28)),
        "assignGeneratedIpv6CidrBlock": Flag(),
        "enableDnsHostnames": Flag(computed=True),
        "enableDnsSupport": Flag(default=True),
        "enableNetworkAddressUsageMetrics": Flag(computed=True),
        "instanceTenancy": Text(default="default", choices=("default", "dedicated")),
    }
    outputs = (
        "arn",
        "dhcpOptionsId",
        "ipv6AssociationId",
        "ipv6CidrBlock",
        "ownerId",
        *_BORN_WITH_IT,
    )

    def validate(self, inputs: Properties) -> Failures:
        if inputs.get("cidrBlock") is None:
            return [("cidrBlock", "is required: local VPCs take no block from an address manager")]
        return []

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found = super().extra_changes(old, new, state)
        before, after = old.get("instanceTenancy"), new.get("instanceTenancy")
        if before is not None and before != after and (before, after) != ("dedicated", "default"):
            found.append(Change("instanceTenancy", Kind.UPDATE, replace=True))
        return found

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        answer = client.create_vpc(
            CidrBlock=inputs["cidrBlock"],
            InstanceTenancy=inputs["instanceTenancy"],
            AmazonProvidedIpv6CidrBlock=inputs.get("assignGeneratedIpv6CidrBlock", False),
            TagSpecifications=self.tag_specifications(inputs),
        )
        identity = answer["Vpc"]["VpcId"]
        operation.made(identity)
        for name, attribute, initial in _ATTRIBUTES:
            if inputs.get(name, initial) != initial:
                client.modify_vpc_attribute(VpcId=identity, **{attribute: on(inputs[name])})
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        vpc = first(_GONE, client.describe_vpcs, "Vpcs", VpcIds=[identity])
        if vpc is None:
            return None
        found: Properties = {
            "arn": self.arn(state, f"vpc/{identity}"),
            "cidrBlock": vpc["CidrBlock"],
            "dhcpOptionsId": vpc.get("DhcpOptionsId"),
            "instanceTenancy": vpc.get("InstanceTenancy", "default"),
            "ownerId": vpc["OwnerId"],
        }
        for name, attribute, _initial in _ATTRIBUTES:
            answer = client.describe_vpc_attribute(
                VpcId=identity, Attribute=attribute[0].lower() + attribute[1:]
            )
            found[name] = answer[attribute]["Value"]
        association = _ipv6(vpc)
        found["assignGeneratedIpv6CidrBlock"] = association is not None
        if association is not None:
            found["ipv6AssociationId"] = association["AssociationId"]
            found["ipv6CidrBlock"] = association["Ipv6CidrBlock"]
        return self.live(state, {**found, **_born_with(client, identity, state)}, tags_of(vpc))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        for name, attribute, _initial in _ATTRIBUTES:
            if new.get(name) is not None and new[name] != old.get(name):
                client.modify_vpc_attribute(VpcId=identity, **{attribute: on(new[name])})
        if old.get("instanceTenancy") != new["instanceTenancy"]:
            client.modify_vpc_tenancy(VpcId=identity, InstanceTenancy=new["instanceTenancy"])
        wanted = new.get("assignGeneratedIpv6CidrBlock", False)
        if wanted != old.get("assignGeneratedIpv6CidrBlock", False):
            vpc = first(_GONE, client.describe_vpcs, "Vpcs", VpcIds=[identity])
            association = _ipv6(vpc) if vpc else None
            if wanted and association is None:
                client.associate_vpc_cidr_block(VpcId=identity, AmazonProvidedIpv6CidrBlock=True)
            elif not wanted and association is not None:
                client.disassociate_vpc_cidr_block(AssociationId=association["AssociationId"])

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt([_GONE], self.client(state).delete_vpc, VpcId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = self.client(inputs).describe_vpcs(
            Filters=filters(cidr=inputs["cidrBlock"]) + self.tag_filters(inputs)
        )
        return self.only(((vpc["VpcId"], tags_of(vpc)) for vpc in answer["Vpcs"]), inputs)


def _ipv6(vpc: dict[str, Any]) -> dict[str, Any] | None:
    for association in vpc.get("Ipv6CidrBlockAssociationSet", []):
        if association["Ipv6CidrBlockState"]["State"] == "associated":
            return association
    return None


def _born_with(client: Any, identity: str, state: Properties) -> Properties:
    """Return the ids of what EC2 made with the VPC, asking only for those that `state` does not know."""
    if all(isinstance(state.get(name), str) for name in _BORN_WITH_IT):
        return {name: state[name] for name in _BORN_WITH_IT}
    acl = client.describe_network_acls(Filters=filters(vpc_id=identity, default="true"))["NetworkAcls"]
    main = [{"Name": "association.main", "Values": ["true"]}, *filters(vpc_id=identity)]
    table = client.describe_route_tables(Filters=main)["RouteTables"]
    group = client.describe_security_groups(Filters=filters(vpc_id=identity, group_name="default"))
    groups = group["SecurityGroups"]
    table_id = table[0]["RouteTableId"] if table else None
    return {
        "defaultNetworkAclId": acl[0]["NetworkAclId"] if acl else None,
        "defaultRouteTableId": table_id,
        "mainRouteTableId": table_id,
        "defaultSecurityGroupId": groups[0]["GroupId"] if groups else None,
    }
