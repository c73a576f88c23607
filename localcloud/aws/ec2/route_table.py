"""aws:ec2/routeTable:RouteTable."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.ec2 import routing
from localcloud.aws.ec2.addresses import ipv4_block, ipv6_block
from localcloud.aws.ec2.base import Ec2Type, filters, tags_of
from localcloud.fields import Block, Failures, SetOf, Text
from localcloud.resource import Operation, Properties
from localcloud.values import UNKNOWN

_ROUTE = Block(
    fields={
        "cidrBlock": Text(check=ipv4_block()),
        "ipv6CidrBlock": Text(check=ipv6_block),
        "destinationPrefixListId": Text(),
        "egressOnlyGatewayId": Text(),
        "gatewayId": Text(),
        "natGatewayId": Text(),
        "networkInterfaceId": Text(),
    }
)


class RouteTable(Ec2Type):
    """A VPC's route table, with routes of its own or with `Route`s beside it (not both)."""

    token = "aws:ec2/routeTable:RouteTable"
    source = read_from("ec2/vpc_route_table.go", "022092419b7cda11527df3c6b51cbfe1876c1722")
    tag_kind = "route-table"
    taggable = True
    inputs = {
        "vpcId": Text(required=True, force_new=True),
        "routes": SetOf(element=_ROUTE, computed=True),
    }
    outputs = ("arn", "ownerId")

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        routes = inputs.get("routes")
        for index, route in enumerate(routes if isinstance(routes, list) else []):
            if route is UNKNOWN:
                continue
            for group in (routing.INLINE_DESTINATIONS, routing.TARGETS):
                count = sum(route.get(name) not in (None, "") for name in group)
                if count != 1:
                    reason = f"exactly one of {', '.join(group)} must be given, not {count}"
                    failures.append((f"routes[{index}]", reason))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        answer = client.create_route_table(
            VpcId=inputs["vpcId"], TagSpecifications=self.tag_specifications(inputs)
        )
        identity = answer["RouteTable"]["RouteTableId"]
        operation.made(identity)
        for (where, value), to in _wanted(inputs).items():
            routing.create(client, identity, (where, value), to)
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        table = routing.describe_table(self.client(state), identity)
        if table is None:
            return None
        found = {
            "arn": self.arn(state, f"route-table/{identity}"),
            "ownerId": table["OwnerId"],
            "vpcId": table["VpcId"],
            "routes": [_inline(route) for route in table["Routes"] if routing.is_managed(route)],
        }
        return self.live(state, found, tags_of(table))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        if new.get("routes") is None:
            return
        client = self.client(new)
        before, after = _wanted(old), _wanted(new)
        for where, to in after.items():
            if where not in before:
                routing.create(client, identity, where, to)
            elif before[where] != to:
                routing.replace(client, identity, where, to)
        for where in before:
            if where not in after:
                routing.delete(client, identity, where)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        table = routing.describe_table(client, identity)
        if table is None:
            return
        for association in table["Associations"]:
            if not association.get("Main"):
                attempt(
                    ["InvalidAssociationID.NotFound"],
                    client.disassociate_route_table,
                    AssociationId=association["RouteTableAssociationId"],
                )
        attempt([routing.TABLE_GONE], client.delete_route_table, RouteTableId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        criteria = filters(vpc_id=inputs["vpcId"]) + self.tag_filters(inputs)
        answer = self.client(inputs).describe_route_tables(Filters=criteria)
        return self.only(((each["RouteTableId"], tags_of(each)) for each in answer["RouteTables"]), inputs)


def _wanted(inputs: Properties) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the inline routes as a map from destination to target."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for route in inputs.get("routes") or []:
        where, to = routing.destination(route, routing.INLINE_DESTINATIONS), routing.target(route)
        if where and to:
            found[where] = to
    return found


def _inline(route: dict[str, Any]) -> Properties:
    names = routing.INLINE_DESTINATIONS | routing.TARGETS
    return {name: route[parameter] for name, parameter in names.items() if route.get(parameter)}
