"""aws:ec2/route:Route."""

from __future__ import annotations

from localcloud.aws.base import read_from
from localcloud.aws.ec2 import routing
from localcloud.aws.ec2.addresses import Ipv6Block, ipv4_block
from localcloud.aws.ec2.base import Ec2Type
from localcloud.fields import Text
from localcloud.resource import Live, LocalError, Operation, Properties


class Route(Ec2Type):
    """One route of a route table; imported as ``<route table>_<destination>``."""

    token = "aws:ec2/route:Route"
    source = read_from("ec2/vpc_route.go", "0128541e0711766f28540143a9d73738aced60aa")
    inputs = {
        "routeTableId": Text(required=True, force_new=True),
        "destinationCidrBlock": Text(force_new=True, check=ipv4_block()),
        "destinationIpv6CidrBlock": Ipv6Block(force_new=True),
        "destinationPrefixListId": Text(force_new=True),
        "egressOnlyGatewayId": Text(),
        "gatewayId": Text(),
        "natGatewayId": Text(),
        "networkInterfaceId": Text(computed=True),
    }
    outputs = ("instanceId", "instanceOwnerId", "origin", "state")
    exactly_one = (tuple(routing.DESTINATIONS), tuple(routing.TARGETS))

    def make(self, operation: Operation, inputs: Properties) -> str:
        where = routing.destination(inputs, routing.DESTINATIONS)
        to = routing.target(inputs)
        assert where and to  # check saw to it
        routing.create(self.client(inputs), inputs["routeTableId"], where, to)
        return routing.route_id(inputs["routeTableId"], where[1])

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        table, separator, where = identity.partition("_")
        if separator:
            name = next(
                name
                for name, mark in (
                    ("destinationIpv6CidrBlock", ":"),
                    ("destinationCidrBlock", "."),
                    ("destinationPrefixListId", ""),
                )
                if mark in where
            )
            identity = routing.route_id(table, where)
            state = {**state, "routeTableId": table, name: where}
        return super().read(operation, identity, inputs, {**inputs, **state})

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        where = routing.destination(state, routing.DESTINATIONS)
        if where is None or not state.get("routeTableId"):
            raise LocalError(f"{identity}: import a route as <route table>_<destination>")
        table = routing.describe_table(self.client(state), state["routeTableId"])
        route = routing.find_route(table, where[1]) if table else None
        if route is None:
            return None
        found = {name: route.get(parameter) for name, parameter in routing.DESTINATIONS.items()}
        found |= {name: route.get(parameter) for name, parameter in routing.TARGETS.items()}
        found |= {
            "routeTableId": state["routeTableId"],
            "instanceId": route.get("InstanceId"),
            "instanceOwnerId": route.get("InstanceOwnerId"),
            "origin": route.get("Origin"),
            "state": route.get("State"),
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        where = routing.destination(new, routing.DESTINATIONS)
        to = routing.target(new)
        assert where and to
        routing.replace(self.client(new), new["routeTableId"], where, to)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        where = routing.destination(state, routing.DESTINATIONS)
        if where is not None:
            routing.delete(self.client(state), state["routeTableId"], where)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        where = routing.destination(inputs, routing.DESTINATIONS)
        to = routing.target(inputs)
        assert where and to
        table = routing.describe_table(self.client(inputs), inputs["routeTableId"])
        route = routing.find_route(table, where[1]) if table else None
        if route is None or route.get(to[0]) != to[1]:
            return None
        return routing.route_id(inputs["routeTableId"], where[1])
