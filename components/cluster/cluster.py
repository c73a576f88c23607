"""An EKS cluster with its nodes and add-ons, or one that exists already."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import InvalidArgument, check, check_choice, check_match
from components.cluster import identity, versions
from components.cluster.access import Admission, check_admissions
from components.cluster.nodes import NodeGroup, check_node_groups
from components.cluster.parts import Builder
from components.component import Component
from components.context import Context

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
"""Everything that a control plane can log."""

_RETENTION_DAYS = (30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_ADDON_VERSION = r"v\d+\.\d+\.\d+-eksbuild\.\d+"
_CLUSTER_POLICIES = ("AmazonEKSClusterPolicy",)


@dataclass(frozen=True, kw_only=True)
class ExistingCluster:
    """A cluster that another stack owns, as that stack's outputs tell it."""

    name: pulumi.Input[str]
    """Name of the cluster in EKS."""
    arn: pulumi.Input[str]
    """ARN of the cluster."""
    endpoint: pulumi.Input[str]
    """URL of its API server."""
    certificate_authority: pulumi.Input[str]
    """Certificate that its API server is known by, in base 64."""
    issuer: pulumi.Input[str]
    """Issuer of its service account tokens, without `https://`."""
    oidc_provider_arn: pulumi.Input[str]
    """ARN of the identity provider that stands for the issuer in IAM."""
    security_group_id: pulumi.Input[str]
    """Id of the security group between the control plane and the nodes."""

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """Arguments of `Cluster`; the defaults are production's.

    Raises:
        InvalidArgument: a version without add-ons, no subnets, no key in production, an endpoint open to the
            world, or a bad retention or node group.
    """

    context: Context
    region: str
    """AWS region, such as `eu-west-1`."""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None
    """Private subnets in at least two zones, for the control plane's interfaces and the nodes."""
    version: str = versions.DEFAULT
    """Version of Kubernetes: two numbers."""
    node_groups: Mapping[str, NodeGroup] = field(default_factory=lambda: {"general": NodeGroup()})
    """Groups of nodes by a stable label."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that Kubernetes' secrets are encrypted with once more; production must have one. It can't be taken
    away later."""
    public_cidrs: tuple[str, ...] = ()
    """IPv4 blocks that reach the endpoint over the internet; without any it is private."""
    service_cidr: str = "172.20.0.0/16"
    """IPv4 block of Kubernetes' services, /12 to /24, apart from every network that the cluster talks to."""
    log_retention_days: int = 365
    """How long the control plane's logs are kept, in days; the audit log is among them."""
    addons: Mapping[str, str] | None = None
    """Version of each add-on; those of `components.cluster.versions` when absent."""
    deletion_protection: bool = True
    """Whether EKS refuses to delete the cluster until this is off."""
    existing: ExistingCluster | None = None
    """A cluster to take over instead of creating one; the arguments above but `region` are not used then."""
    admissions: Mapping[str, Admission] = field(default_factory=dict[str, Admission])
    """Roles that are let in, by a stable label; of an existing cluster, those that this environment adds."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("region", self.region, r"[a-z]{2}(-[a-z]+)+-\d", "use a region such as eu-west-1")
        check_admissions(self.admissions)
        check_match("version", self.version, r"1\.\d{2}", "use two numbers, such as 1.36")
        if self.existing is not None:
            return
        check(self.subnet_ids is not None, "subnet_ids", self.subnet_ids, "give the ids of private subnets")
        if isinstance(self.subnet_ids, list | tuple):
            check(
                len(self.subnet_ids) >= 2, "subnet_ids", self.subnet_ids, "give subnets in two zones or more"
            )
        check_node_groups(self.node_groups)
        keyless = self.context.profile == "production" and self.kms_key_arn is None
        check(
            not keyless, "kms_key_arn", None, "give the ARN of a key: production encrypts its secrets with it"
        )
        for block in self.public_cidrs:
            check(
                _block("public_cidrs", block).prefixlen >= 8,
                "public_cidrs",
                block,
                "use /8 or smaller blocks",
            )
        services = _block("service_cidr", self.service_cidr)
        fits = services.is_private and 12 <= services.prefixlen <= 24
        check(fits, "service_cidr", self.service_cidr, "use a private block of /12 to /24")
        check_choice("log_retention_days", self.log_retention_days, _RETENTION_DAYS)
        self._check_addons()

    def _check_addons(self) -> None:
        known = (*versions.BEFORE_NODES, *versions.AFTER_NODES)
        if self.addons is None:
            offered = ", ".join(versions.ADDONS)
            mend = f"use {offered}, or name the versions of its addons"
            check(self.version in versions.ADDONS, "version", self.version, mend)
            return
        for name, version in self.addons.items():
            check(name in list(known), "addons", name, f"use {', '.join(known)}")
            check_match("addons", version, _ADDON_VERSION, "pin exactly, such as v1.21.2-eksbuild.2")

    @property
    def addon_versions(self) -> Mapping[str, str]:
        """The version of each add-on that the cluster gets."""
        return versions.ADDONS[self.version] if self.addons is None else self.addons


class Cluster(Component):
    """An EKS cluster: private, logged, encrypted, with pinned add-ons and identities for its workloads.

    The nodes are in the given subnets and share the cluster's security group. Their own role reads images
    and joins the cluster, nothing more: the network add-on and the disk driver have roles of their own.

    Example:
        >>> cluster = Cluster("main", ClusterArgs(
        ...     context=context, region="eu-west-1", subnet_ids=network.private_subnet_ids,
        ...     kms_key_arn=key.arn, node_groups={"general": NodeGroup(instance_types=("m7g.large",))}))
        >>> kubernetes.Provider("kubernetes", kubeconfig=cluster.kubeconfig())
    """

    token = "understudy:cluster:Cluster"  # noqa: S105 - a type token

    name: pulumi.Output[str]
    """Name of the cluster in EKS."""
    arn: pulumi.Output[str]
    """ARN of the cluster."""
    endpoint: pulumi.Output[str]
    """Address of the Kubernetes API."""
    certificate_authority: pulumi.Output[str]
    """Certificate that the API's own is signed with, in base64."""
    issuer: pulumi.Output[str]
    """Issuer of the workloads' tokens, without `https://`."""
    oidc_provider_arn: pulumi.Output[str]
    """ARN of the identity provider that roles name in their trust."""
    security_group_id: pulumi.Output[str]
    """Id of the security group of control plane and nodes."""
    cluster: aws.eks.Cluster | None
    """The cluster itself; None when another stack owns it."""

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        if args.existing is None:
            self._create()
        else:
            self._adopt(args.existing)
        for key, one in args.admissions.items():
            aws.eks.AccessEntry(
                f"{name}-admits-{key}",
                cluster_name=self.name,
                principal_arn=one.role_arn,
                kubernetes_groups=list(one.groups),
                tags=self._tags(key),
                opts=self.child(),
            )
        self.register()

    def kubeconfig(self) -> pulumi.Output[str]:
        """A kubeconfig that asks `aws eks get-token` for a token; it holds no secret."""
        region = self._args.region
        return pulumi.Output.all(self.arn, self.name, self.endpoint, self.certificate_authority).apply(
            lambda known: identity.kubeconfig(
                context=known[0],
                name=known[1],
                endpoint=known[2],
                certificate_authority=known[3],
                region=region,
            )
        )

    def _adopt(self, existing: ExistingCluster) -> None:
        self.cluster = None
        self.name = pulumi.Output.from_input(existing.name)
        self.arn = pulumi.Output.from_input(existing.arn)
        self.endpoint = pulumi.Output.from_input(existing.endpoint)
        self.certificate_authority = pulumi.Output.from_input(existing.certificate_authority)
        self.issuer = pulumi.Output.from_input(existing.issuer)
        self.oidc_provider_arn = pulumi.Output.from_input(existing.oidc_provider_arn)
        self.security_group_id = pulumi.Output.from_input(existing.security_group_id)

    def _create(self) -> None:
        args = self._args
        build = Builder(
            name=self._name, region=args.region, context=args.context, tags=self._tags, child=self.child
        )
        self.cluster = cluster = self._control_plane(build)
        self.name = self.cluster.name
        self.arn = self.cluster.arn
        self.endpoint = self.cluster.endpoint
        self.certificate_authority = self.cluster.certificate_authority.apply(lambda one: one.data or "")
        url = self.cluster.identities.apply(_issuer)
        self.issuer = url.apply(lambda text: text.removeprefix("https://"))
        self.security_group_id = self.cluster.vpc_config.apply(
            lambda config: config.cluster_security_group_id or ""
        )
        provider = aws.iam.OpenIdConnectProvider(
            f"{self._name}-identity",
            url=url,
            client_id_lists=["sts.amazonaws.com"],
            tags=self._tags("identity"),
            opts=self.child(),
        )
        self.oidc_provider_arn = provider.arn
        chosen = args.addon_versions

        def addons(names: Sequence[str], after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
            return [
                build.addon(
                    one,
                    chosen[one],
                    cluster=cluster,
                    provider_arn=provider.arn,
                    issuer=self.issuer,
                    after=after,
                )
                for one in names
                if one in chosen
            ]

        nodes = build.nodes(
            args.node_groups,
            cluster=cluster,
            subnet_ids=args.subnet_ids or [],
            version=args.version,
            after=addons(versions.BEFORE_NODES, []),
        )
        addons(versions.AFTER_NODES, nodes)

    def _control_plane(self, build: Builder) -> aws.eks.Cluster:
        args, name = self._args, self._name
        physical = args.context.name(naming.EKS_CLUSTER, name, "cluster")
        # EKS would make the group itself, and keep everything for ever.
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=naming.eks_log_group(physical),
            retention_in_days=args.log_retention_days,
            tags=self._tags("logs"),
            opts=self.child(),
        )
        role, allowed = build.role(
            "control-plane", identity.service_trust("eks.amazonaws.com"), _CLUSTER_POLICIES
        )
        encryption = None
        if args.kms_key_arn is not None:
            encryption = aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=args.kms_key_arn),
                resources=["secrets"],
            )
        return aws.eks.Cluster(
            name,
            name=physical,
            role_arn=role.arn,
            version=args.version,
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids or [],
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_cidrs),
                public_access_cidrs=list(args.public_cidrs) or None,
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4", service_ipv4_cidr=args.service_cidr
            ),
            access_config=aws.eks.ClusterAccessConfigArgs(authentication_mode="API"),
            # The add-ons below are EKS's managed ones, at pinned versions.
            bootstrap_self_managed_addons=False,
            enabled_cluster_log_types=list(LOG_TYPES),
            encryption_config=encryption,
            # An old version is updated in time rather than paid for six times over.
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            deletion_protection=args.deletion_protection,
            tags=args.context.tags(self.label, name=physical),
            opts=self.child(depends_on=[logs, *allowed]),
        )

    def _tags(self, kind: str) -> dict[str, str]:
        context = self._args.context
        return context.tags(self.label, name=context.name(naming.TAGGED, self._name, kind))


def _issuer(identities: Sequence[aws.eks.outputs.ClusterIdentity]) -> str:
    return next((one.issuer or "" for each in identities for one in each.oidcs or []), "")


def _block(name: str, text: str) -> ipaddress.IPv4Network:
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        raise InvalidArgument(name, text, "use an IPv4 block such as 192.0.2.0/24") from None
