"""aws:ec2/eip:Eip."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.base import Ec2Type, first, tags_of
from localcloud.fields import Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidAllocationID.NotFound"
_NOT_ASSOCIATED = "InvalidAssociationID.NotFound"


class Eip(Ec2Type):
    """An elastic IP address; the local one lies in 127.0.0.0/8 and leads nowhere."""

    token = "aws:ec2/eip:Eip"
    source = read_from("ec2/ec2_eip.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    tag_kind = "elastic-ip"
    taggable = True
    inputs = {
        "domain": Text(computed=True, force_new=True, choices=("vpc", "standard")),
        "networkInterface": Text(computed=True),
    }
    outputs = (
        "allocationId",
        "arn",
        "associationId",
        "instance",
        "privateDns",
        "privateIp",
        "publicDns",
        "publicIp",
    )

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        identity = client.allocate_address(
            Domain=inputs.get("domain", "vpc"), TagSpecifications=self.tag_specifications(inputs)
        )["AllocationId"]
        operation.made(identity)
        if inputs.get("networkInterface"):
            client.associate_address(AllocationId=identity, NetworkInterfaceId=inputs["networkInterface"])
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        address = self._describe(identity, state)
        if address is None:
            return None
        region = self.region_of(state)
        private, public = address.get("PrivateIpAddress"), address["PublicIp"]
        found = {
            "allocationId": identity,
            "arn": self.arn(state, f"elastic-ip/{identity}"),
            "associationId": address.get("AssociationId"),
            "domain": address.get("Domain"),
            "instance": address.get("InstanceId") or None,
            "networkInterface": address.get("NetworkInterfaceId") or None,
            "privateIp": private,
            "privateDns": f"ip-{_dashed(private)}.{_private_domain(region)}" if private else None,
            "publicIp": public,
            "publicDns": f"ec2-{_dashed(public)}.{_public_domain(region)}",
        }
        return self.live(state, found, tags_of(address))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        wanted = new.get("networkInterface")
        address = self._describe(identity, new) or {}
        if wanted is None or wanted == address.get("NetworkInterfaceId"):
            return
        self._release(identity, address, new)
        self.client(new).associate_address(AllocationId=identity, NetworkInterfaceId=wanted)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        address = self._describe(identity, state)
        if address is not None:
            self._release(identity, address, state)
            attempt([_GONE], self.client(state).release_address, AllocationId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = self.client(inputs).describe_addresses(Filters=self.tag_filters(inputs))
        return self.only(((each["AllocationId"], tags_of(each)) for each in answer["Addresses"]), inputs)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        call = self.client(properties).describe_addresses
        return first(_GONE, call, "Addresses", AllocationIds=[identity])

    def _release(self, identity: str, address: dict[str, Any], properties: Properties) -> None:
        association = address.get("AssociationId")
        if association:
            call = self.client(properties).disassociate_address
            attempt([_NOT_ASSOCIATED], call, AssociationId=association)


def _dashed(address: str) -> str:
    return address.replace(".", "-")


def _private_domain(region: str) -> str:
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def _public_domain(region: str) -> str:
    return "compute-1.amazonaws.com" if region == "us-east-1" else f"{region}.compute.amazonaws.com"
