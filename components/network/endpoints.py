"""Ways to AWS services that never leave the network: interface endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import check, check_match
from components.component import Component
from components.context import Context
from components.network.firewall import Firewall, FirewallArgs

GATEWAYS = ("s3", "dynamodb")
"""Services that are reached by a route, which costs nothing."""

INTERFACES = (
    "ecr.api",
    "ecr.dkr",
    "kms",
    "logs",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
)
"""Services that the workloads use; an interface endpoint costs by the hour in each zone."""

MORE_INTERFACES = ("autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing", "monitoring")
"""What the nodes of a cluster need besides those where there is no NAT."""

ENDPOINTS = (*GATEWAYS, *INTERFACES)
"""What production has."""

_HTTPS = 443


def check_endpoints(field: str, services: tuple[str, ...], known: Sequence[str]) -> None:
    """Refuse services that have no endpoint, or are named twice."""
    check(isinstance(services, tuple), field, services, "give a tuple of service names")  # pyright: ignore[reportUnnecessaryIsInstance]
    for service in services:
        check(service in known, field, service, f"use {', '.join(known)}")
    check(len(set(services)) == len(services), field, services, "name each service once")


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Arguments of `Endpoints`.

    Raises:
        InvalidArgument: a service without an interface endpoint, or a region that is none.
    """

    context: Context
    region: str
    """AWS region, such as `eu-west-1`."""
    vpc_id: pulumi.Input[str]
    """VPC that the endpoints are in."""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """Subnets that get an address of each endpoint, one in each zone."""
    sources: Mapping[str, pulumi.Input[str]]
    """Who may use the endpoints: a stable key, and an IPv4 block."""
    services: tuple[str, ...] = INTERFACES
    """Services by the last part of their endpoint's name."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "use a region such as eu-west-1")
        check_endpoints("services", self.services, (*INTERFACES, *MORE_INTERFACES))


class Endpoints(Component):
    """Interface endpoints with the services' own names, closed to all but the named sources.

    Programs need no change: inside the network a service's usual host name leads to its endpoint.

    Example:
        >>> Endpoints("network-endpoints", EndpointsArgs(
        ...     context=context, region="eu-west-1", vpc_id=network.vpc_id,
        ...     subnet_ids=network.private_subnet_ids, sources={"private": network.tier("private")}))
    """

    token = "understudy:network:Endpoints"  # noqa: S105 - a type token

    group_id: pulumi.Output[str]
    """Id of the security group that all endpoints share."""
    endpoint_ids: pulumi.Output[dict[str, str]]
    """Id of each service's endpoint."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        context = args.context
        firewall = Firewall(
            name,
            FirewallArgs(
                context=context,
                vpc_id=args.vpc_id,
                description="Endpoints of AWS services",
                port=_HTTPS,
                sources=args.sources,
            ),
            self.child(),
        )
        endpoints = {
            service: aws.ec2.VpcEndpoint(
                f"{name}-{label(service)}",
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{args.region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=args.subnet_ids,
                security_group_ids=[firewall.group_id],
                tags=context.tags(self.label, name=context.name(naming.TAGGED, name, label(service))),
                opts=self.child(),
            )
            for service in args.services
        }
        self.group_id = firewall.group_id
        self.endpoint_ids = pulumi.Output.all(**{key: one.id for key, one in endpoints.items()})
        self.register()


def label(service: str) -> str:
    """A service's name as part of a resource's.

    >>> label("ecr.api")
    'ecr-api'
    """
    return service.replace(".", "-")
