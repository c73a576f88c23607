"""Routes as EC2 and as programs write them: one destination, one target.

Source: hashicorp/terraform-provider-aws internal/service/ec2/vpc_route.go and vpc_route_table.go
@ 022092419b7cda11527df3c6b51cbfe1876c1722.
"""

from __future__ import annotations

import zlib
from typing import Any

from localcloud.aws.base import attempt
from localcloud.aws.ec2.base import first
from localcloud.resource import LocalError, Properties

TABLE_GONE = "InvalidRouteTableID.NotFound"
ROUTE_GONE = "InvalidRoute.NotFound"

# EC2's names of what a route leads to, by the inputs that are implemented.
TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
}

# EC2's names of where a route leads, by the inputs of Route; RouteTable's own routes say it shorter.
DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
INLINE_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


def describe_table(client: Any, table: str) -> dict[str, Any] | None:
    """Return a route table, or None when it is gone."""
    return first(TABLE_GONE, client.describe_route_tables, "RouteTables", RouteTableIds=[table])


def destination(properties: Properties, names: dict[str, str]) -> tuple[str, str] | None:
    """Return EC2's name and the value of a route's destination."""
    for name, parameter in names.items():
        if properties.get(name):
            return parameter, properties[name]
    return None


def target(properties: Properties) -> tuple[str, str] | None:
    """Return EC2's name and the value of a route's target."""
    for name, parameter in TARGETS.items():
        if properties.get(name):
            return parameter, properties[name]
    return None


def live_destination(route: dict[str, Any]) -> str | None:
    """Return where a route that EC2 described leads."""
    return next((route[name] for name in DESTINATIONS.values() if route.get(name)), None)


def find_route(table: dict[str, Any], where: str) -> dict[str, Any] | None:
    """Return the route of `table` to the destination `where`."""
    return next((route for route in table["Routes"] if live_destination(route) == where), None)


def create(client: Any, table: str, where: tuple[str, str], to: tuple[str, str]) -> None:
    """Add a route; LocalError when its NAT gateway does not exist, which the local endpoint lets pass."""
    if to[0] == "NatGatewayId" and not _nat_gateway_lives(client, to[1]):
        raise LocalError(f"natGatewayId: there is no NAT gateway {to[1]}; name one that exists")
    client.create_route(RouteTableId=table, **dict([where, to]))


def replace(client: Any, table: str, where: tuple[str, str], to: tuple[str, str]) -> None:
    """Point an existing route elsewhere."""
    client.replace_route(RouteTableId=table, **dict([where, to]))


def delete(client: Any, table: str, where: tuple[str, str]) -> None:
    """Remove a route; one that is gone, or whose table is, is no error."""
    attempt([ROUTE_GONE, TABLE_GONE], client.delete_route, RouteTableId=table, **dict([where]))


def route_id(table: str, where: str) -> str:
    """Return the id of a route as the official provider makes it.

    >>> route_id("rtb-1", "0.0.0.0/0")
    'r-rtb-11080289494'
    """
    return f"r-{table}{zlib.crc32(where.encode())}"


def is_managed(route: dict[str, Any]) -> bool:
    """Tell whether a route is a program's own, not one that EC2 or an endpoint put there."""
    if route.get("GatewayId") == "local" or route.get("Origin") == "EnableVgwRoutePropagation":
        return False
    via_endpoint = str(route.get("GatewayId", "")).startswith("vpce-")
    return not (via_endpoint and route.get("DestinationPrefixListId"))


def _nat_gateway_lives(client: Any, identity: str) -> bool:
    answer = attempt(["NatGatewayNotFound"], client.describe_nat_gateways, NatGatewayIds=[identity])
    return any(each["State"] in ("pending", "available") for each in (answer or {}).get("NatGateways", []))
