"""A security group with one rule per resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import check_match, check_range
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """Arguments of `Firewall`.

    Raises:
        InvalidArgument: a port that is none, or a name of a rule that is no label.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    """VPC that the group belongs to."""
    description: str
    """What the group protects; it can't be changed later without a new group."""
    port: int
    """TCP port that is opened: 1 to 65535."""
    sources: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Who may connect: a stable key, and an IPv4 block."""
    thing: str | None = None
    """What is protected, for the physical name; the component's own name when absent."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("port", self.port, 1, 65535)
        for key in self.sources:
            check_match("sources", key, r"[a-z][a-z0-9-]*", "name each source by a label such as private")


class Firewall(Component):
    """A security group that lets named sources reach one TCP port, and nothing out.

    Example:
        >>> Firewall("orders-firewall", FirewallArgs(
        ...     context=context, vpc_id=network.vpc_id, description="Orders database", port=5432,
        ...     sources={"private": network.plan.tier("private")}))
    """

    token = "understudy:network:Firewall"  # noqa: S105 - a type token

    group_id: pulumi.Output[str]
    """Id of the security group."""
    group: aws.ec2.SecurityGroup
    """The security group itself."""

    def __init__(self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        physical = args.context.name(naming.SECURITY_GROUP, args.thing or name, "firewall")
        tags = args.context.tags(self.label, name=physical)
        self.group = aws.ec2.SecurityGroup(
            name,
            name=physical,
            description=args.description,
            vpc_id=args.vpc_id,
            tags=tags,
            opts=self.child(),
        )
        for key, block in args.sources.items():
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-{key}",
                security_group_id=self.group.id,
                description=f"From {key}",
                ip_protocol="tcp",
                from_port=args.port,
                to_port=args.port,
                cidr_ipv4=block,
                tags=tags,
                opts=self.child(),
            )
        self.group_id = self.group.id
        self.register()
