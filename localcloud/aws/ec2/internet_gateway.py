"""aws:ec2/internetGateway:InternetGateway."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.base import Ec2Type, first, tags_of
from localcloud.fields import Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidInternetGatewayID.NotFound"


class InternetGateway(Ec2Type):
    """A VPC's way to the internet."""

    token = "aws:ec2/internetGateway:InternetGateway"
    source = read_from("ec2/vpc_internet_gateway.go", "08923b68b5ad6fcfdd38362fb5247e39a9b07add")
    tag_kind = "internet-gateway"
    taggable = True
    inputs = {"vpcId": Text(computed=True)}
    outputs = ("arn", "ownerId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        answer = client.create_internet_gateway(TagSpecifications=self.tag_specifications(inputs))
        identity = answer["InternetGateway"]["InternetGatewayId"]
        operation.made(identity)
        if inputs.get("vpcId"):
            client.attach_internet_gateway(InternetGatewayId=identity, VpcId=inputs["vpcId"])
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        gateway = self._describe(identity, state)
        if gateway is None:
            return None
        found = {
            "arn": self.arn(state, f"internet-gateway/{identity}"),
            "ownerId": gateway["OwnerId"],
            "vpcId": _vpc_of(gateway),
        }
        return self.live(state, found, tags_of(gateway))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        gateway = self._describe(identity, new) or {}
        attached, wanted = _vpc_of(gateway), new.get("vpcId")
        if wanted is None or attached == wanted:
            return
        if attached:
            client.detach_internet_gateway(InternetGatewayId=identity, VpcId=attached)
        client.attach_internet_gateway(InternetGatewayId=identity, VpcId=wanted)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        gateway = self._describe(identity, state)
        if gateway is None:
            return
        attached = _vpc_of(gateway)
        if attached:
            gone = [_GONE, "Gateway.NotAttached"]
            attempt(gone, client.detach_internet_gateway, InternetGatewayId=identity, VpcId=attached)
        attempt([_GONE], client.delete_internet_gateway, InternetGatewayId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = self.client(inputs).describe_internet_gateways(Filters=self.tag_filters(inputs))
        # One that was cut short may not be attached yet.
        mine = [
            gateway
            for gateway in answer["InternetGateways"]
            if _vpc_of(gateway) in (None, inputs.get("vpcId"))
        ]
        return self.only(((each["InternetGatewayId"], tags_of(each)) for each in mine), inputs)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        call = self.client(properties).describe_internet_gateways
        return first(_GONE, call, "InternetGateways", InternetGatewayIds=[identity])


def _vpc_of(gateway: dict[str, Any]) -> str | None:
    attachments = gateway.get("Attachments") or []
    return attachments[0].get("VpcId") if attachments else None
