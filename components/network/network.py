"""A VPC with public, private and data tiers."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import check_choice, check_match
from components.component import Component
from components.context import Context
from components.network.addressing import AddressPlan, Tier

_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`.

    Raises:
        InvalidArgument: a region that is none, or a block or zones that can't be planned with.
    """

    context: Context
    region: str
    """AWS region, such as `eu-west-1`."""
    cidr: str = "10.0.0.0/16"
    """IPv4 block of the network, /16 to /20."""
    zones: tuple[str, ...] = ("a", "b", "c")
    """Letters of the availability zones."""
    nat: str = "zone"
    """NAT gateways: one per `zone`, a `single` one for all, or `none`."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "use a region such as eu-west-1")
        check_choice("nat", self.nat, ("zone", "single", "none"))
        AddressPlan(cidr=self.cidr, zones=self.zones)

    @property
    def plan(self) -> AddressPlan:
        """Where the tiers and subnets lie."""
        return AddressPlan(cidr=self.cidr, zones=self.zones)


class Network(Component):
    """A VPC: three tiers of subnets in each zone, their routes, and S3 without a detour.

    Public subnets reach the internet by an internet gateway, private ones by NAT, data ones not at all.

    Example:
        >>> network = Network("network", NetworkArgs(context=context, region="eu-west-1", nat="single"))
        >>> network.subnet_ids("data")
    """

    token = "understudy:network:Network"  # noqa: S105 - a type token

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    vpc_arn: pulumi.Output[str]
    """ARN of the VPC."""
    public_subnet_ids: pulumi.Output[list[str]]
    """Ids of the public subnets, in the order of their zones."""
    private_subnet_ids: pulumi.Output[list[str]]
    """Ids of the private subnets, in the order of their zones."""
    data_subnet_ids: pulumi.Output[list[str]]
    """Ids of the data subnets, in the order of their zones."""
    vpc: aws.ec2.Vpc
    """The VPC itself."""
    plan: AddressPlan
    """Where the tiers and subnets lie."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self.plan = args.plan
        self.vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags("vpc"),
            opts=self.child(),
        )
        public = self._subnets("public")
        private = self._subnets("private")
        data = self._subnets("data")
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=self.vpc.id, tags=self._tags("gateway"), opts=self.child()
        )
        public_table = self._table("public", public)
        aws.ec2.Route(
            f"{name}-public-route",
            route_table_id=public_table.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            opts=self.child(),
        )
        tables = [public_table, *self._private_tables(private, public, gateway), self._table("data", data)]
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            tags=self._tags("s3"),
            opts=self.child(),
        )
        self.vpc_id = self.vpc.id
        self.vpc_arn = self.vpc.arn
        self.public_subnet_ids = _ids(public)
        self.private_subnet_ids = _ids(private)
        self.data_subnet_ids = _ids(data)
        self.register()

    def subnet_ids(self, tier: Tier) -> pulumi.Output[list[str]]:
        """Ids of a tier's subnets, in the order of their zones."""
        by_tier: dict[Tier, pulumi.Output[list[str]]] = {
            "public": self.public_subnet_ids,
            "private": self.private_subnet_ids,
            "data": self.data_subnet_ids,
        }
        return by_tier[tier]

    def _tags(self, kind: str) -> dict[str, str]:
        context = self._args.context
        return context.tags(self.label, name=context.name(naming.TAGGED, self._name, kind))

    def _subnets(self, tier: Tier) -> dict[str, aws.ec2.Subnet]:
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{tier}-{zone}",
                vpc_id=self.vpc.id,
                cidr_block=block,
                availability_zone=f"{self._args.region}{zone}",
                # Nothing gets a public address by merely being in a public subnet.
                map_public_ip_on_launch=False,
                tags={**self._tags(f"{tier}-{zone}"), "tier": tier},
                opts=self.child(),
            )
            for zone, block in self.plan.subnets(tier).items()
        }

    def _table(self, role: str, subnets: Mapping[str, aws.ec2.Subnet]) -> aws.ec2.RouteTable:
        """A route table for some subnets; its routes are resources of their own."""
        table = aws.ec2.RouteTable(
            f"{self._name}-{role}", vpc_id=self.vpc.id, tags=self._tags(role), opts=self.child()
        )
        tier = role.split("-", maxsplit=1)[0]
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{tier}-{zone}",
                route_table_id=table.id,
                subnet_id=subnet.id,
                opts=self.child(),
            )
        return table

    def _private_tables(
        self,
        private: Mapping[str, aws.ec2.Subnet],
        public: Mapping[str, aws.ec2.Subnet],
        gateway: aws.ec2.InternetGateway,
    ) -> list[aws.ec2.RouteTable]:
        if self._args.nat == "none":
            return [self._table("private", private)]
        if self._args.nat == "single":
            table = self._table("private", private)
            self._nat("", next(iter(public.values())), table, gateway)
            return [table]
        tables: list[aws.ec2.RouteTable] = []
        for zone, subnet in private.items():
            table = self._table(f"private-{zone}", {zone: subnet})
            self._nat(f"-{zone}", public[zone], table, gateway)
            tables.append(table)
        return tables

    def _nat(
        self,
        suffix: str,
        subnet: aws.ec2.Subnet,
        table: aws.ec2.RouteTable,
        gateway: aws.ec2.InternetGateway,
    ) -> None:
        """A NAT gateway in a public subnet, and the way to it from a private route table."""
        name = f"{self._name}-nat{suffix}"
        tags = self._tags(f"nat{suffix}")
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
            f"{self._name}-private{suffix}-route",
            route_table_id=table.id,
            destination_cidr_block=_ANYWHERE,
            nat_gateway_id=nat.id,
            opts=self.child(),
        )


def _ids(subnets: Mapping[str, aws.ec2.Subnet]) -> pulumi.Output[list[str]]:
    return pulumi.Output.all(*[subnet.id for subnet in subnets.values()]).apply(list)
