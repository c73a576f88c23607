"""The subnets of a network and the ways out of them; the parts that `Network` is put together from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.network.addressing import AddressPlan, Tier

ANYWHERE = "0.0.0.0/0"
ANYWHERE_IPV6 = "::/0"

# By these tags the controllers of a cluster find the subnets for load balancers.
_BALANCERS: dict[Tier, dict[str, str]] = {
    "public": {"kubernetes.io/role/elb": "1"},
    "private": {"kubernetes.io/role/internal-elb": "1"},
    "data": {},
}


@dataclass(frozen=True, kw_only=True)
class Builder:
    """What every part of a network needs: how it is called, tagged and parented."""

    name: str
    region: str
    plan: AddressPlan
    ipv6: bool
    vpc: aws.ec2.Vpc
    tags: Callable[[str], dict[str, str]]
    """The tags of the part of this kind."""
    child: Callable[..., pulumi.ResourceOptions]

    def subnets(self, tier: Tier) -> dict[str, aws.ec2.Subnet]:
        """A tier's subnets by zone."""
        return {zone: self._subnet(tier, zone, block) for zone, block in self.plan.subnets(tier).items()}

    def _subnet(self, tier: Tier, zone: str, block: str) -> aws.ec2.Subnet:
        def ipv6_block(network: str) -> str:
            return self.plan.subnets_ipv6(tier, network)[zone]

        ipv6: dict[str, Any] = {}
        if self.ipv6:
            ipv6 = {
                "ipv6_cidr_block": self.vpc.ipv6_cidr_block.apply(ipv6_block),
                "assign_ipv6_address_on_creation": True,
            }
        return aws.ec2.Subnet(
            f"{self.name}-{tier}-{zone}",
            vpc_id=self.vpc.id,
            cidr_block=block,
            availability_zone=f"{self.region}{zone}",
            # Nothing gets a public address by merely being in a public subnet.
            map_public_ip_on_launch=False,
            tags={**self.tags(f"{tier}-{zone}"), "tier": tier, **_BALANCERS[tier]},
            opts=self.child(),
            **ipv6,
        )

    def table(self, role: str, subnets: Mapping[str, aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        """A route table for some subnets; its routes are resources of their own."""
        table = aws.ec2.RouteTable(
            f"{self.name}-{role}", vpc_id=self.vpc.id, tags=self.tags(role), opts=self.child()
        )
        tier = role.split("-", maxsplit=1)[0]
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{self.name}-{tier}-{zone}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=self.child(),
            )
        return table

    def public_table(
        self, public: Mapping[str, aws.ec2.Subnet], gateway: aws.ec2.InternetGateway
    ) -> aws.ec2.RouteTable:
        """The route table of the public tier: to the internet and back."""
        table = self.table("public", public)
        aws.ec2.Route(
            f"{self.name}-public-route",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            gateway_id=gateway.id,
            opts=self.child(),
        )
        if self.ipv6:
            aws.ec2.Route(
                f"{self.name}-public-route-ipv6",
                route_table_id=table.id,
                destination_ipv6_cidr_block=ANYWHERE_IPV6,
                gateway_id=gateway.id,
                opts=self.child(),
            )
        return table

    def private_tables(
        self,
        nat: str,
        private: Mapping[str, aws.ec2.Subnet],
        public: Mapping[str, aws.ec2.Subnet],
        gateway: aws.ec2.InternetGateway,
    ) -> dict[str, aws.ec2.RouteTable]:
        """The private tier's route tables by their roles: to the internet only, if there is NAT."""
        tables: dict[str, aws.ec2.RouteTable] = {}
        if nat == "zone":
            for zone, subnet in private.items():
                tables[f"private-{zone}"] = self.table(f"private-{zone}", {zone: subnet})
                self._nat(f"-{zone}", public[zone], tables[f"private-{zone}"], gateway)
        else:
            tables["private"] = self.table("private", private)
            if nat == "single":
                self._nat("", next(iter(public.values())), tables["private"], gateway)
        if self.ipv6 and nat != "none":
            self._ipv6_way_out(tables)
        return tables

    def _nat(
        self,
        suffix: str,
        subnet: aws.ec2.Subnet,
        table: aws.ec2.RouteTable,
        gateway: aws.ec2.InternetGateway,
    ) -> None:
        """A NAT gateway in a public subnet, and the way to it from a private route table."""
        name = f"{self.name}-nat{suffix}"
        tags = self.tags(f"nat{suffix}")
        # An address can be allocated before there is a gateway, but is not reachable.
        address = aws.ec2.Eip(
            f"{name}-address", domain="vpc", tags=tags, opts=self.child(depends_on=[gateway])
        )
        nat = aws.ec2.NatGateway(
            name,
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags=tags,
            opts=self.child(depends_on=[gateway]),
        )
        aws.ec2.Route(
            f"{self.name}-private{suffix}-route",
            route_table_id=table.id,
            destination_cidr_block=ANYWHERE,
            nat_gateway_id=nat.id,
            opts=self.child(),
        )

    def _ipv6_way_out(self, tables: Mapping[str, aws.ec2.RouteTable]) -> None:
        """IPv6 has no NAT: a gateway that lets connections out and none in does its work."""
        gateway = aws.ec2.EgressOnlyInternetGateway(
            f"{self.name}-egress", vpc_id=self.vpc.id, tags=self.tags("egress"), opts=self.child()
        )
        for role, table in tables.items():
            aws.ec2.Route(
                f"{self.name}-{role}-route-ipv6",
                route_table_id=table.id,
                destination_ipv6_cidr_block=ANYWHERE_IPV6,
                egress_only_gateway_id=gateway.id,
                opts=self.child(),
            )


def ids(subnets: Mapping[str, aws.ec2.Subnet]) -> pulumi.Output[list[str]]:
    """The ids of subnets, in the order of their zones."""
    return pulumi.Output.all(*[subnet.id for subnet in subnets.values()]).apply(list)
