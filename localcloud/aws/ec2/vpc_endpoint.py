"""aws:ec2/vpcEndpoint:VpcEndpoint."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2 import routing
from localcloud.aws.ec2.base import Ec2Type, filters, first, tags_of
from localcloud.compare import Change, Kind
from localcloud.fields import Failures, Flag, JsonText, SetOf, Text
from localcloud.resource import Operation, Properties

_GONE = "InvalidVpcEndpointId.NotFound"
_GONE_STATES = ("deleting", "deleted", "failed", "rejected")

# Inputs that are sets of ids: EC2's name in create, and the middle of its name in modify (Add…/Remove…).
_SETS = {
    "routeTableIds": "RouteTableIds",
    "securityGroupIds": "SecurityGroupIds",
    "subnetIds": "SubnetIds",
}


class VpcEndpoint(Ec2Type):
    """A VPC's way to a service: by its route tables (Gateway) or an address in its subnets (Interface).

    The local endpoint can't switch private DNS of an existing endpoint: a change of it is a replacement.
    """

    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    source = read_from("ec2/vpc_endpoint.go", "008db85aad5e56627b1eecab8830464a282552ed")
    tag_kind = "vpc-endpoint"
    taggable = True
    inputs = {
        "policy": JsonText(computed=True),
        "privateDnsEnabled": Flag(computed=True),
        "routeTableIds": SetOf(element=Text(), computed=True),
        "securityGroupIds": SetOf(element=Text(), computed=True),
        "serviceName": Text(force_new=True),
        "subnetIds": SetOf(element=Text(), computed=True),
        "vpcEndpointType": Text(default="Gateway", force_new=True, choices=("Gateway", "Interface")),
        "vpcId": Text(required=True, force_new=True),
    }
    outputs = ("arn", "dnsEntries", "networkInterfaceIds", "ownerId", "prefixListId", "state")

    def validate(self, inputs: Properties) -> Failures:
        if inputs.get("serviceName") is None:
            return [("serviceName", "is required: only endpoints of AWS services are implemented locally")]
        return []

    def extra_changes(self, old: Properties, new: Properties, state: Properties) -> list[Change]:
        found = super().extra_changes(old, new, state)
        wanted = new.get("privateDnsEnabled")
        if wanted is not None and state and wanted != state.get("privateDnsEnabled"):
            found.append(Change("privateDnsEnabled", Kind.UPDATE, replace=True))
        return found

    def make(self, operation: Operation, inputs: Properties) -> str:
        given = {parameter: inputs[name] for name, parameter in _SETS.items() if inputs.get(name)}
        if inputs.get("policy"):
            given["PolicyDocument"] = inputs["policy"]
        answer = self.client(inputs).create_vpc_endpoint(
            VpcId=inputs["vpcId"],
            ServiceName=inputs["serviceName"],
            VpcEndpointType=inputs["vpcEndpointType"],
            PrivateDnsEnabled=inputs.get("privateDnsEnabled", False),
            TagSpecifications=self.tag_specifications(inputs),
            **given,
        )
        return answer["VpcEndpoint"]["VpcEndpointId"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        endpoint = self._describe(identity, state)
        if endpoint is None:
            return None
        found = {
            "arn": self.arn(state, f"vpc-endpoint/{identity}"),
            "dnsEntries": [
                {"dnsName": entry.get("DnsName"), "hostedZoneId": entry.get("HostedZoneId")}
                for entry in endpoint.get("DnsEntries", [])
            ],
            "networkInterfaceIds": endpoint.get("NetworkInterfaceIds", []),
            "ownerId": endpoint["OwnerId"],
            "policy": endpoint.get("PolicyDocument"),
            "prefixListId": self._prefix_list(endpoint, state),
            "privateDnsEnabled": endpoint.get("PrivateDnsEnabled", False),
            "routeTableIds": endpoint.get("RouteTableIds", []),
            "securityGroupIds": [group["GroupId"] for group in endpoint.get("Groups", [])],
            "serviceName": endpoint["ServiceName"],
            "state": endpoint["State"],
            "subnetIds": endpoint.get("SubnetIds", []),
            "vpcEndpointType": endpoint.get("VpcEndpointType", "Gateway"),
            "vpcId": endpoint["VpcId"],
        }
        return self.live(state, found, tags_of(endpoint))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        endpoint = self._describe(identity, new)
        if endpoint is None:
            return
        live = {
            "routeTableIds": endpoint.get("RouteTableIds", []),
            "securityGroupIds": [group["GroupId"] for group in endpoint.get("Groups", [])],
            "subnetIds": endpoint.get("SubnetIds", []),
        }
        change: dict[str, Any] = {}
        for name, parameter in _SETS.items():
            wanted = new.get(name)
            if wanted is None:
                continue
            added = [each for each in wanted if each not in live[name]]
            removed = [each for each in live[name] if each not in wanted]
            change |= {f"Add{parameter}": added} if added else {}
            change |= {f"Remove{parameter}": removed} if removed else {}
        if new.get("policy"):
            change["PolicyDocument"] = new["policy"]
        if change:
            self.client(new).modify_vpc_endpoint(VpcEndpointId=identity, **change)
            self._reroute(identity, endpoint, new, change)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        endpoint = self._describe(identity, state)
        if endpoint is None:
            return
        client = self.client(state)
        delete = client.delete_vpc_endpoints
        lost = [routing.ROUTE_GONE, routing.TABLE_GONE]
        if attempt([_GONE, *lost], delete, VpcEndpointIds=[identity]) is None:
            # The local endpoint stumbles over route tables and routes that went before: let go of them.
            tables = endpoint.get("RouteTableIds", [])
            change = {"VpcEndpointId": identity, "RemoveRouteTableIds": tables}
            attempt([_GONE], client.modify_vpc_endpoint, **change)
            attempt([_GONE], delete, VpcEndpointIds=[identity])

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        answer = self.client(inputs).describe_vpc_endpoints(Filters=self.tag_filters(inputs))
        mine = (
            each
            for each in answer["VpcEndpoints"]
            if each["State"] not in _GONE_STATES
            and each["VpcId"] == inputs["vpcId"]
            and each["ServiceName"] == inputs["serviceName"]
            and each.get("VpcEndpointType") == inputs["vpcEndpointType"]
        )
        return self.only(((each["VpcEndpointId"], tags_of(each)) for each in mine), inputs)

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        call = self.client(properties).describe_vpc_endpoints
        endpoint = first(_GONE, call, "VpcEndpoints", VpcEndpointIds=[identity])
        return None if endpoint is None or endpoint["State"] in _GONE_STATES else endpoint

    def _prefix_list(self, endpoint: dict[str, Any], state: Properties) -> str | None:
        """Return the id of the service's prefix list; it never changes, so `state`'s is taken if known."""
        if endpoint.get("VpcEndpointType") != "Gateway":
            return None
        if isinstance(state.get("prefixListId"), str):
            return state["prefixListId"]
        named = filters(prefix_list_name=endpoint["ServiceName"])
        lists = self.client(state).describe_prefix_lists(Filters=named)["PrefixLists"]
        return lists[0]["PrefixListId"] if lists else None

    def _reroute(
        self, identity: str, endpoint: dict[str, Any], new: Properties, change: dict[str, Any]
    ) -> None:
        """Move the routes of a Gateway endpoint, which the local endpoint makes on creation only."""
        prefix_list = self._prefix_list(endpoint, new)
        if prefix_list is None:
            return
        client = self.client(new)
        where = ("DestinationPrefixListId", prefix_list)
        for table in change.get("AddRouteTableIds", []):
            described = routing.describe_table(client, table)
            if described is not None and routing.find_route(described, prefix_list) is None:
                routing.create(client, table, where, ("GatewayId", identity))
        for table in change.get("RemoveRouteTableIds", []):
            routing.delete(client, table, where)
