"""aws:ec2/subnet:Subnet."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.addresses import ipv4_block, ipv6_block
from localcloud.aws.ec2.base import Ec2Type, filters, first, on, tags_of
from localcloud.compare import Change, Kind
from localcloud.fields import Failures, Flag, Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidSubnetID.NotFound"

# Input and EC2's attribute; EC2 takes one of them per call. A new subnet has them off.
_ATTRIBUTES = {
    "mapPublicIpOnLaunch": "MapPublicIpOnLaunch",
    "enableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecordOnLaunch",
    "assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation",
}


class Subnet(Ec2Type):
    """A range of a VPC's addresses in one zone."""

    token = "aws:ec2/subnet:Subnet"
    source = read_from("ec2/vpc_subnet.go", "00cda125a19d31754cb0d073cf551264c57955cb")
    tag_kind = "subnet"
    taggable = True
    inputs = {
        "vpcId": Text(required=True, force_new=True),
        "cidrBlock": Text(computed=True, force_new=True, check=ipv4_block()),
        "availabilityZone": Text(computed=True, force_new=True, conflicts=("availabilityZoneId",)),
        "availabilityZoneId": Text(computed=True, force_new=True, conflicts=("availabilityZone",)),
        "assignIpv6AddressOnCreation": Flag(default=False),
        "enableResourceNameDnsARecordOnLaunch": Flag(default=False),
        "ipv6CidrBlock": Text(computed=True, check=ipv6_block),
        "mapPublicIpOnLaunch": Flag(default=False),
    }
    outputs = ("arn", "ownerId", "ipv6CidrBlockAssociationId", "privateDnsHostnameTypeOnLaunch")

    def validate(self, inputs: Properties) -> Failures:
        if inputs.get("cidrBlock") is None:
            return [("cidrBlock", "is required: local subnets take no block from an address manager")]
        return []

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found = super().extra_changes(old, new, state)
        before, after = old.get("ipv6CidrBlock"), new.get("ipv6CidrBlock")
        if before and after is not None and before != after and old.get("assignIpv6AddressOnCreation"):
            found.append(Change("ipv6CidrBlock", Kind.UPDATE, replace=True))
        return found

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        given = {
            parameter: inputs[name]
            for name, parameter in (
                ("availabilityZone", "AvailabilityZone"),
                ("availabilityZoneId", "AvailabilityZoneId"),
                ("ipv6CidrBlock", "Ipv6CidrBlock"),
            )
            if inputs.get(name) is not None
        }
        answer = client.create_subnet(
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            TagSpecifications=self.tag_specifications(inputs),
            **given,
        )
        identity = answer["Subnet"]["SubnetId"]
        operation.made(identity)
        for name, attribute in _ATTRIBUTES.items():
            if inputs[name]:
                client.modify_subnet_attribute(SubnetId=identity, **{attribute: on(True)})
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        subnet = first(_GONE, self.client(state).describe_subnets, "Subnets", SubnetIds=[identity])
        if subnet is None:
            return None
        options = subnet.get("PrivateDnsNameOptionsOnLaunch", {})
        association = _ipv6(subnet) or {}
        found = {
            "arn": subnet["SubnetArn"],
            "vpcId": subnet["VpcId"],
            "cidrBlock": subnet.get("CidrBlock"),
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet["AvailabilityZoneId"],
            "assignIpv6AddressOnCreation": subnet["AssignIpv6AddressOnCreation"],
            "enableResourceNameDnsARecordOnLaunch": options.get("EnableResourceNameDnsARecord", False),
            "ipv6CidrBlock": association.get("Ipv6CidrBlock"),
            "ipv6CidrBlockAssociationId": association.get("AssociationId"),
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": subnet["OwnerId"],
            "privateDnsHostnameTypeOnLaunch": options.get("HostnameType"),
        }
        return self.live(state, found, tags_of(subnet))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        changed = {name for name in _ATTRIBUTES if old.get(name, False) != new[name]}
        # New interfaces stop taking IPv6 addresses before the block goes, and start after it has come.
        for name in sorted(changed, key=lambda name: new[name]):
            if not new[name]:
                client.modify_subnet_attribute(SubnetId=identity, **{_ATTRIBUTES[name]: on(False)})
        block = new.get("ipv6CidrBlock")
        if block is not None and block != old.get("ipv6CidrBlock"):
            self._readdress(client, identity, block)
        for name in changed:
            if new[name]:
                client.modify_subnet_attribute(SubnetId=identity, **{_ATTRIBUTES[name]: on(True)})

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt([_GONE], self.client(state).delete_subnet, SubnetId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        criteria = [
            *filters(vpc_id=inputs["vpcId"]),
            {"Name": "cidr-block", "Values": [inputs["cidrBlock"]]},
            *self.tag_filters(inputs),
        ]
        answer = self.client(inputs).describe_subnets(Filters=criteria)
        return self.only(((each["SubnetId"], tags_of(each)) for each in answer["Subnets"]), inputs)

    def _readdress(self, client: Any, identity: str, block: str) -> None:
        subnet = first(_GONE, client.describe_subnets, "Subnets", SubnetIds=[identity])
        association = _ipv6(subnet) if subnet else None
        if association is not None:
            client.disassociate_subnet_cidr_block(AssociationId=association["AssociationId"])
        client.associate_subnet_cidr_block(SubnetId=identity, Ipv6CidrBlock=block)


def _ipv6(subnet: dict[str, Any]) -> dict[str, Any] | None:
    associations = subnet.get("Ipv6CidrBlockAssociationSet") or []
    return associations[0] if associations else None
