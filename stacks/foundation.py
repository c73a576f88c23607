"""What an environment stands on: a network and a cluster, its own or those of another stack.

The stack that owns them exports them as one output, `foundation`; a stack that shares them reads that output
by stack reference and exports the same. What an environment puts on a shared foundation (namespace,
firewalls, databases, roles) is its own, under its own names, so one can go without the others noticing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

import pulumi
from settings import Settings

from components.network import Network, NetworkArgs

OUTPUT = "foundation"


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """Network and cluster, the same whoever owns them. Every field is exported, so none is a secret."""

    stack: pulumi.Output[str]
    """The stack that owns it."""
    region: pulumi.Output[str]
    """Region of the network."""
    vpc_id: pulumi.Output[str]
    """Id of the VPC."""
    vpc_arn: pulumi.Output[str]
    """ARN of the VPC."""
    cidr: pulumi.Output[str]
    """IPv4 block of the network."""
    public_subnet_ids: pulumi.Output[list[str]]
    """Subnets of load balancers, in the order of their zones."""
    private_subnet_ids: pulumi.Output[list[str]]
    """Subnets of workloads, in the order of their zones."""
    data_subnet_ids: pulumi.Output[list[str]]
    """Subnets of databases, in the order of their zones."""
    workload_cidr: pulumi.Output[str]
    """The block that every workload's address is in."""
    data_cidr: pulumi.Output[str]
    """The block that every database's address is in."""
    issuer: pulumi.Output[str]
    """Issuer of the cluster's service account tokens, without `https://`."""

    @property
    def sources(self) -> Mapping[str, pulumi.Input[str]]:
        """Who may connect to databases: workloads of the foundation."""
        return {"private": self.workload_cidr}

    def export(self) -> dict[str, pulumi.Output[Any]]:
        """The foundation as another stack reads it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def foundation(settings: Settings, options: pulumi.ResourceOptions) -> Foundation:
    """The foundation of an environment: made, or another stack's."""
    return _own(settings, options) if settings.owns_foundation else _shared(settings)


def _own(settings: Settings, options: pulumi.ResourceOptions) -> Foundation:
    profile = settings.profile
    network = Network(
        "network",
        NetworkArgs(
            context=settings.context,
            region=settings.region,
            cidr=profile.cidr,
            zones=profile.zones,
            nat=profile.nat,
            endpoints=profile.endpoints,
            flow_log_days=profile.flow_log_days,
        ),
        options,
    )
    return Foundation(
        stack=pulumi.Output.from_input(settings.environment),
        region=pulumi.Output.from_input(settings.region),
        vpc_id=network.vpc_id,
        vpc_arn=network.vpc_arn,
        cidr=pulumi.Output.from_input(profile.cidr),
        public_subnet_ids=network.public_subnet_ids,
        private_subnet_ids=network.private_subnet_ids,
        data_subnet_ids=network.data_subnet_ids,
        workload_cidr=pulumi.Output.from_input(network.plan.tier("private")),
        data_cidr=pulumi.Output.from_input(network.plan.tier("data")),
        issuer=pulumi.Output.from_input(settings.issuer),
    )


def _shared(settings: Settings) -> Foundation:
    owner = f"{pulumi.get_organization()}/{settings.project}/{settings.foundation}"
    exported = pulumi.StackReference(OUTPUT, stack_name=owner).get_output(OUTPUT)
    found = exported.apply(lambda value: checked(value, settings))
    return Foundation(**{field.name: found[field.name] for field in fields(Foundation)})


def checked(exported: object, settings: Settings) -> dict[str, Any]:
    """What the other stack exports, if the environment can stand on it.

    Raises:
        pulumi.RunError: the stack exports no foundation, or one in another region, or an incomplete one.
    """
    path = f"understudy:foundation is {settings.foundation!r}"
    if not isinstance(exported, dict):
        raise pulumi.RunError(f"{path}: the stack exports no foundation; bring it up first, or use own")
    values = cast("dict[str, Any]", exported)
    region = values.get("region")
    if region != settings.region:
        raise pulumi.RunError(f"{path}: it is in {region}; set aws:region to that, or use own")
    missing = [field.name for field in fields(Foundation) if field.name not in values]
    if missing:
        raise pulumi.RunError(f"{path}: it exports no {missing[0]}; bring that stack up again first")
    return values
