"""The Kubernetes namespace of an environment."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta, networking

from components.argument_types import check_types
from components.checks import check_choice
from components.component import Component
from components.context import Context
from components.services.reach import deny_rules

_LEVELS = ("restricted", "baseline")


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    """Arguments of `Namespace`.

    Raises:
        InvalidArgument: a level of pod security that Kubernetes does not have, or `privileged`.
    """

    context: Context
    pod_security: str = "restricted"
    """Pod security standard that the API server enforces: `restricted` or `baseline`."""

    def __post_init__(self) -> None:
        check_types(self)
        check_choice("pod_security", self.pod_security, _LEVELS)


class Namespace(Component):
    """A namespace that admits hardened pods only, and lets them talk to nobody unless a service says so.

    Example:
        >>> namespace = Namespace("environment", NamespaceArgs(context=context))
        >>> namespace.physical_name
    """

    token = "understudy:services:Namespace"  # noqa: S105 - a type token

    physical_name: pulumi.Output[str]
    """Name of the namespace; known only once there is one, so whatever takes it comes after."""
    namespace: core.v1.Namespace
    """The namespace itself."""

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.namespace = core.v1.Namespace(
            name,
            metadata=meta.v1.ObjectMetaArgs(
                name=args.context.namespace,
                labels={
                    **args.context.labels(self.label),
                    "pod-security.kubernetes.io/enforce": args.pod_security,
                    "pod-security.kubernetes.io/enforce-version": "latest",
                },
            ),
            opts=self.child(),
        )
        denial = networking.v1.NetworkPolicy(
            f"{name}-denial",
            metadata=meta.v1.ObjectMetaArgs(
                name="deny-by-default",
                namespace=self.namespace.metadata["name"],
                labels=args.context.labels(self.label),
            ),
            spec=deny_rules(),
            opts=self.child(),
        )
        # By way of the policy: whatever is put into the namespace comes after it.
        self.physical_name = denial.metadata["namespace"]
        self.register()
