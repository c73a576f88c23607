"""aws:ec2/natGateway:NatGateway."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.base import Ec2Type, filters, first, tags_of
from localcloud.fields import Failures, Text
from localcloud.resource import Operation, Properties

_GONE = "NatGatewayNotFound"
_GONE_STATES = ("deleting", "deleted", "failed")


class NatGateway(Ec2Type):
    """A zonal NAT gateway. Regional ones and secondary addresses are not implemented."""

    token = "aws:ec2/natGateway:NatGateway"
    source = read_from("ec2/vpc_nat_gateway.go", "04088eaa54948421bf1ef7494ae2b2c01d9243e3")
    tag_kind = "natgateway"
    taggable = True
    inputs = {
        "allocationId": Text(force_new=True),
        "connectivityType": Text(default="public", force_new=True, choices=("private", "public")),
        "subnetId": Text(force_new=True),
    }
    outputs = ("associationId", "networkInterfaceId", "privateIp", "publicIp", "vpcId")

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        if inputs.get("subnetId") is None:
            failures.append(("subnetId", "is required: regional NAT gateways are not implemented locally"))
        private = inputs["connectivityType"] == "private" if "connectivityType" in inputs else False
        if private and inputs.get("allocationId") is not None:
            failures.append(("allocationId", "can't be given with connectivityType 'private'"))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        given = {"AllocationId": inputs["allocationId"]} if inputs.get("allocationId") else {}
        answer = self.client(inputs).create_nat_gateway(
            SubnetId=inputs["subnetId"],
            ConnectivityType=inputs["connectivityType"],
            TagSpecifications=self.tag_specifications(inputs),
            **given,
        )
        return answer["NatGateway"]["NatGatewayId"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        gateway = self._describe(identity, state)
        if gateway is None:
            return None
        address = (gateway.get("NatGatewayAddresses") or [{}])[0]
        found = {
            "allocationId": address.get("AllocationId"),
            "associationId": address.get("AssociationId"),
            "connectivityType": gateway.get("ConnectivityType", "public"),
            "networkInterfaceId": address.get("NetworkInterfaceId"),
            "privateIp": address.get("PrivateIp"),
            "publicIp": address.get("PublicIp"),
            "subnetId": gateway["SubnetId"],
            "vpcId": gateway.get("VpcId"),
        }
        return self.live(state, found, tags_of(gateway))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing: every input but the tags forces a replacement."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        gateway = self._describe(identity, state)
        if gateway is None:
            return
        client = self.client(state)
        attempt([_GONE], client.delete_nat_gateway, NatGatewayId=identity)
        # EC2 frees a gateway's address and interface itself, the local endpoint leaves both behind.
        for address in gateway.get("NatGatewayAddresses", []):
            if address.get("AssociationId"):
                gone = ["InvalidAssociationID.NotFound"]
                attempt(gone, client.disassociate_address, AssociationId=address["AssociationId"])
            interface = address.get("NetworkInterfaceId")
            if interface:
                gone = ["InvalidNetworkInterfaceID.NotFound"]
                attempt(gone, client.delete_network_interface, NetworkInterfaceId=interface)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = self.client(inputs).describe_nat_gateways(Filter=filters(subnet_id=inputs["subnetId"]))
        alive = (each for each in answer["NatGateways"] if each["State"] not in _GONE_STATES)
        return self.only(((each["NatGatewayId"], tags_of(each)) for each in alive), inputs)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        call = self.client(properties).describe_nat_gateways
        gateway = first(_GONE, call, "NatGateways", NatGatewayIds=[identity])
        return None if gateway is None or gateway["State"] in _GONE_STATES else gateway
