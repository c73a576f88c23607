"""A VPC with public, private and data tiers, or one that exists already."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import InvalidArgument, check, check_choice, check_match
from components.component import Component
from components.context import Context
from components.network.addressing import AddressPlan, Tier
from components.network.endpoints import (
    ENDPOINTS,
    GATEWAYS,
    MORE_INTERFACES,
    Endpoints,
    EndpointsArgs,
    check_endpoints,
)
from components.network.flow_logs import RETENTION_DAYS, FlowLogs, FlowLogsArgs
from components.network.tiers import Builder, ids


@dataclass(frozen=True, kw_only=True)
class ExistingNetwork:
    """A network that another stack owns, as that stack's outputs tell it."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    vpc_arn: pulumi.Input[str]
    """ARN of the VPC."""
    cidr: pulumi.Input[str]
    """IPv4 block of the VPC, laid out by an `AddressPlan`."""
    public_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Ids of the public subnets."""
    private_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Ids of the private subnets."""
    data_subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Ids of the data subnets."""

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Arguments of `Network`; the defaults are production's.

    Raises:
        InvalidArgument: a region that is none, a block or zones that can't be planned with, an endpoint that
            there is none of, or a retention that CloudWatch does not take.
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
    endpoints: tuple[str, ...] = ENDPOINTS
    """AWS services that are reached without the internet. `GATEWAYS` cost nothing, the others by the hour."""
    flow_log_days: int | None = 90
    """How long the record of all traffic is kept, in days; None for no record."""
    ipv6: bool = False
    """Whether every subnet has IPv6 addresses as well, out of a block that AWS chooses."""
    existing: ExistingNetwork | None = None
    """A network to take over instead of creating one; the arguments above but `region` are not used then."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "use a region such as eu-west-1")
        check_choice("nat", self.nat, ("zone", "single", "none"))
        AddressPlan(cidr=self.cidr, zones=self.zones)
        check_endpoints("endpoints", self.endpoints, (*ENDPOINTS, *MORE_INTERFACES))
        layers = "ecr.dkr" not in self.endpoints or "s3" in self.endpoints
        check(
            layers, "endpoints", self.endpoints, "name s3 as well, since ECR keeps the layers of images there"
        )
        if self.flow_log_days is not None:
            check_choice("flow_log_days", self.flow_log_days, RETENTION_DAYS)
        check_choice("ipv6", self.ipv6, (True, False))

    @property
    def plan(self) -> AddressPlan:
        """Where the tiers and subnets lie."""
        return AddressPlan(cidr=self.cidr, zones=self.zones)


class Network(Component):
    """A VPC: three tiers of subnets in each zone, their routes, and AWS services without a detour.

    Public subnets reach the internet by an internet gateway, private ones by NAT, data ones not at all. The
    default security group has no rules, so that what names no group reaches nothing.

    Environments that share a network share its subnets. Each has security groups of its own (`Firewall`),
    a namespace and its network policies, and no part of the addresses: workloads run on the shared nodes of
    the cluster, whose subnets are not the environment's to choose, and a part would need a number that no
    two branches may have, handed out by somebody who knows all of them. The plan leaves room instead: with a
    /16, over 8,000 addresses for workloads and 2,000 for data in each zone.

    Example:
        >>> network = Network("network", NetworkArgs(context=context, region="eu-west-1"))
        >>> network.subnet_ids("data")
        >>> shared = Network("network", NetworkArgs(
        ...     context=context, region="eu-west-1", existing=ExistingNetwork(
        ...         vpc_id=other.require_output("vpc_id"), ...)))
    """

    token = "understudy:network:Network"  # noqa: S105 - a type token

    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    vpc_arn: pulumi.Output[str]
    """ARN of the VPC."""
    cidr: pulumi.Output[str]
    """IPv4 block of the VPC."""
    public_subnet_ids: pulumi.Output[list[str]]
    """Ids of the public subnets, in the order of their zones."""
    private_subnet_ids: pulumi.Output[list[str]]
    """Ids of the private subnets, in the order of their zones."""
    data_subnet_ids: pulumi.Output[list[str]]
    """Ids of the data subnets, in the order of their zones."""
    vpc: aws.ec2.Vpc | None
    """The VPC itself; None when another stack owns it."""

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        if args.existing is None:
            self._create()
        else:
            self._adopt(args.existing)
        self.register()

    @property
    def plan(self) -> AddressPlan:
        """Where the tiers and subnets lie.

        Raises:
            InvalidArgument: the network is another stack's, whose block is only known at deployment.
        """
        if self._args.existing is not None:
            raise InvalidArgument("existing", self._name, "use tier(), an existing network has no plan here")
        return self._args.plan

    def tier(self, tier: Tier) -> pulumi.Output[str]:
        """The IPv4 block that holds every subnet of a tier, those of later zones included."""
        # Tiers do not depend on the zones there are.
        return self.cidr.apply(lambda cidr: AddressPlan(cidr=cidr, zones=("a",)).tier(tier))

    def subnet_ids(self, tier: Tier) -> pulumi.Output[list[str]]:
        """Ids of a tier's subnets, in the order of their zones."""
        by_tier: dict[Tier, pulumi.Output[list[str]]] = {
            "public": self.public_subnet_ids,
            "private": self.private_subnet_ids,
            "data": self.data_subnet_ids,
        }
        return by_tier[tier]

    def _adopt(self, existing: ExistingNetwork) -> None:
        self.vpc = None
        self.vpc_id = pulumi.Output.from_input(existing.vpc_id)
        self.vpc_arn = pulumi.Output.from_input(existing.vpc_arn)
        self.cidr = pulumi.Output.from_input(existing.cidr)
        self.public_subnet_ids = _listed(existing.public_subnet_ids)
        self.private_subnet_ids = _listed(existing.private_subnet_ids)
        self.data_subnet_ids = _listed(existing.data_subnet_ids)

    def _create(self) -> None:
        args, name = self._args, self._name
        self.vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            assign_generated_ipv6_cidr_block=True if args.ipv6 else None,
            tags=self._tags("vpc"),
            opts=self.child(),
        )
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default",
            vpc_id=self.vpc.id,
            ingress=[],
            egress=[],
            tags=self._tags("default"),
            opts=self.child(),
        )
        build = Builder(
            name=name,
            region=args.region,
            plan=args.plan,
            ipv6=args.ipv6,
            vpc=self.vpc,
            tags=self._tags,
            child=self.child,
        )
        public, private, data = (build.subnets(tier) for tier in ("public", "private", "data"))
        gateway = aws.ec2.InternetGateway(
            f"{name}-gateway", vpc_id=self.vpc.id, tags=self._tags("gateway"), opts=self.child()
        )
        tables = [
            build.public_table(public, gateway),
            *build.private_tables(args.nat, private, public, gateway).values(),
            build.table("data", data),
        ]
        self.vpc_id = self.vpc.id
        self.vpc_arn = self.vpc.arn
        self.cidr = self.vpc.cidr_block
        self.public_subnet_ids = ids(public)
        self.private_subnet_ids = ids(private)
        self.data_subnet_ids = ids(data)
        self._endpoints(tables)
        if args.flow_log_days is not None:
            FlowLogs(
                f"{name}-flow-logs",
                FlowLogsArgs(context=args.context, vpc_id=self.vpc.id, retention_days=args.flow_log_days),
                self.child(),
            )

    def _endpoints(self, tables: Sequence[aws.ec2.RouteTable]) -> None:
        args = self._args
        for service in (one for one in args.endpoints if one in GATEWAYS):
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=[table.id for table in tables],
                tags=self._tags(service),
                opts=self.child(),
            )
        services = tuple(one for one in args.endpoints if one not in GATEWAYS)
        if services:
            Endpoints(
                f"{self._name}-endpoints",
                EndpointsArgs(
                    context=args.context,
                    region=args.region,
                    vpc_id=self.vpc_id,
                    subnet_ids=self.private_subnet_ids,
                    sources={"private": args.plan.tier("private")},
                    services=services,
                ),
                self.child(),
            )

    def _tags(self, kind: str) -> dict[str, str]:
        context = self._args.context
        return context.tags(self.label, name=context.name(naming.TAGGED, self._name, kind))


def _listed(given: pulumi.Input[Sequence[pulumi.Input[str]]]) -> pulumi.Output[list[str]]:
    known = cast("pulumi.Output[Sequence[str]]", pulumi.Output.from_input(given))
    return known.apply(list)
