"""aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2.base import Ec2Type, tags_of
from localcloud.fields import Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidGatewayID.NotFound"


class EgressOnlyInternetGateway(Ec2Type):
    """A VPC's way to the internet over IPv6, for connections from within only."""

    token = "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway"
    source = read_from("ec2/vpc_egress_only_internet_gateway.go", "08923b68b5ad6fcfdd38362fb5247e39a9b07add")
    tag_kind = "egress-only-internet-gateway"
    taggable = True
    inputs = {"vpcId": Text(required=True, force_new=True)}

    def make(self, operation: Operation, inputs: Properties) -> str:
        answer = self.client(inputs).create_egress_only_internet_gateway(
            VpcId=inputs["vpcId"], TagSpecifications=self.tag_specifications(inputs)
        )
        return answer["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        found = [one for one in self._all(state) if one["EgressOnlyInternetGatewayId"] == identity]
        if not found:
            return None
        return self.live(state, {"vpcId": _vpc_of(found[0])}, tags_of(found[0]))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Do nothing: another VPC needs another gateway."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        delete = self.client(state).delete_egress_only_internet_gateway
        gone = [_GONE, "InvalidInternetGatewayID.NotFound"]
        attempt(gone, delete, EgressOnlyInternetGatewayId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        mine = (one for one in self._all(inputs) if _vpc_of(one) == inputs["vpcId"])
        return self.only(((one["EgressOnlyInternetGatewayId"], tags_of(one)) for one in mine), inputs)

    def _all(self, properties: Properties) -> list[dict[str, Any]]:
        # There are few, and the local endpoint knows no filters for them.
        call = self.client(properties).describe_egress_only_internet_gateways
        return call()["EgressOnlyInternetGateways"]


def _vpc_of(gateway: dict[str, Any]) -> str | None:
    attachments = gateway.get("Attachments") or []
    return attachments[0].get("VpcId") if attachments else None
