"""A service on Kubernetes with an identity at AWS."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import apps, core, meta, policy

from components import naming
from components.access import Grant, document, web_identity_trust
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context
from components.services.pod import TOKEN_FILE, PodPlan, pod_template
from components.services.runtimes import Language, Size, runtime_environment

_LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)
_KILL_MARGIN = 15


@dataclass(frozen=True, kw_only=True)
class Port:
    """A TCP port that a service listens on.

    Raises:
        InvalidArgument: a name or a number that Kubernetes does not take for a port.
    """

    name: str
    """Name of the port, such as `grpc`: at most 15 of a-z and 0-9."""
    number: int
    """1024 to 65535, as no service runs as root."""
    exposed: bool = True
    """Whether others in the cluster reach it by the service's name."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("name", self.name, r"[a-z][a-z0-9]{0,14}", "use at most 15 of a-z and 0-9")
        check_range("number", self.number, 1024, 65535)


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """Arguments of `Service`. Times are in seconds unless they say days.

    Raises:
        InvalidArgument: an image without a digest, an unknown language, a port named twice, health on a
            port that there is not, or a number out of range.
    """

    context: Context
    namespace: pulumi.Input[str]
    """Kubernetes namespace of the environment."""
    language: Language
    """`go` or `rust`: what its runtime is told about its limits."""
    image: str
    """Image by digest, `name@sha256:…`; a tag could mean something else tomorrow."""
    account_id: pulumi.Input[str]
    """AWS account of the role."""
    issuer: pulumi.Input[str]
    """Issuer of the cluster's service account tokens, without `https://`."""
    partition: str = "aws"
    """Partition of the account: `aws`, `aws-cn` or `aws-us-gov`."""
    ports: tuple[Port, ...] = (Port(name="http", number=8080, exposed=False),)
    """Where it listens."""
    health_port: str = "http"
    """Name of the port with `/healthz` and `/readyz`."""
    config: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Environment variables. No secrets: a service reads those at run time, by their ARN."""
    grants: Sequence[Grant] = ()
    """What the service may do at AWS; nothing when empty."""
    replicas: int = 2
    """Pods, 1 to 100."""
    size: Size = field(default_factory=Size)
    """CPU and memory of a pod."""
    drain: int = 20
    """Seconds that the service has to finish its work once told to end, 1 to 600."""
    log_retention_days: int = 30
    """Days that logs are kept, one of CloudWatch's own steps."""
    start_timeout: int = 300
    """Seconds that an update waits for the pods to be ready, 10 to 3600."""

    def __post_init__(self) -> None:
        check_types(self)
        check_choice("language", self.language, get_args(Language))
        digest = "use an image by digest, such as registry/orders@sha256:<64 hexadecimal digits>"
        check_match("image", self.image, r"[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}", digest)
        names = [port.name for port in self.ports]
        numbers = [port.number for port in self.ports]
        check(len(set(names)) == len(names), "ports", names, "give each port a name of its own")
        check(len(set(numbers)) == len(numbers), "ports", numbers, "give each port a number of its own")
        check(self.health_port in names, "health_port", self.health_port, f"use one of {', '.join(names)}")
        for key in self.config:
            check_match("config", key, r"[A-Z][A-Z0-9_]*", "name variables in upper case, such as HTTP_PORT")
        check_range("replicas", self.replicas, 1, 100, "pods")
        check_range("drain", self.drain, 1, 600, "seconds")
        check_range("start_timeout", self.start_timeout, 10, 3600, "seconds")
        check_choice("log_retention_days", self.log_retention_days, _LOG_RETENTION_DAYS)
        sids = [grant.sid for grant in self.grants]
        check(len(set(sids)) == len(sids), "grants", sids, "give each grant a sid of its own")


class Service(Component):
    """A Deployment and all that belongs to it: identity, configuration, budget, address, logs.

    The pods run as nobody, with a read-only root and no capabilities. They get AWS credentials by a token
    of their service account, for a role that may do what `grants` says and no more. The configuration is
    an immutable ConfigMap named after its content, so a change of it rolls the pods, and a roll-back
    finds the old one.

    Example:
        >>> Service("pricing", ServiceArgs(
        ...     context=context, namespace="understudy-feature-x", language="rust", image=image,
        ...     account_id=account_id, issuer="oidc.example.com/cluster",
        ...     ports=(Port(name="grpc", number=50051), Port(name="http", number=8080, exposed=False)),
        ...     grants=cache.grant_connect("ReadCache")))
    """

    token = "understudy:services:Service"  # noqa: S105 - a type token

    role_arn: pulumi.Output[str]
    """ARN of the role that the pods take."""
    service_account_name: pulumi.Output[str]
    """Name of the Kubernetes service account."""
    config_map_name: pulumi.Output[str]
    """Name of the ConfigMap that holds the configuration."""
    log_group_name: pulumi.Output[str]
    """Name of the log group."""
    host: pulumi.Output[str]
    """DNS name inside the cluster; the empty text when no port is exposed."""
    deployment: apps.v1.Deployment
    """The Deployment itself."""
    role: aws.iam.Role
    """The role itself."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self._object_name = naming.short_name(naming.KUBERNETES, name)
        self.role, permissions = self._identity()
        account = core.v1.ServiceAccount(
            name,
            metadata=self._metadata(annotations={"eks.amazonaws.com/role-arn": self.role.arn}),
            automount_service_account_token=False,
            opts=self.child(),
        )
        logs = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=args.context.name(naming.LOG_GROUP, name, "logs"),
            retention_in_days=args.log_retention_days,
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        self.config_map_name = self._config_map()
        self.deployment = self._deployment(account, permissions)
        policy.v1.PodDisruptionBudget(
            f"{name}-budget",
            metadata=self._metadata(),
            # In numbers that hold for one replica, too: a drain of the node must never hang for ever.
            spec=policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=meta.v1.LabelSelectorArgs(match_labels=args.context.selector(self._object_name)),
            ),
            opts=self.child(),
        )
        self.host = self._address()
        self.role_arn = self.role.arn
        self.service_account_name = pulumi.Output.from_input(self._object_name)
        self.log_group_name = logs.name
        self.register()

    def _metadata(
        self,
        name: pulumi.Input[str] | None = None,
        annotations: Mapping[str, pulumi.Input[str]] | None = None,
    ) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=name if name is not None else self._object_name,
            namespace=self._args.namespace,
            labels=self._args.context.labels(self.label, self._object_name),
            annotations=annotations,
        )

    def _identity(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """The role, and what has to be there before a pod can use it."""
        args = self._args
        role = aws.iam.Role(
            f"{self._name}-role",
            name=args.context.name(naming.IAM_ROLE, self._name, "role"),
            description=f"Service {self._name} in {args.context.environment}",
            assume_role_policy=document(
                web_identity_trust(
                    account_id=args.account_id,
                    region_partition=args.partition,
                    issuer=args.issuer,
                    namespace=args.namespace,
                    service_account=self._object_name,
                )
            ),
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        if not args.grants:
            return role, [role]
        permissions = aws.iam.RolePolicy(
            f"{self._name}-permissions",
            name="permissions",
            role=role.name,
            policy=document(*[grant.statement() for grant in args.grants]),
            opts=self.child(),
        )
        return role, [permissions]

    def _config_map(self) -> pulumi.Output[str]:
        args = self._args
        variables: dict[str, pulumi.Input[str]] = {
            **runtime_environment(args.language, args.size),
            "SERVICE_NAME": self._name,
            "ENVIRONMENT": args.context.environment,
            "RELEASE": args.context.release,
            "SHUTDOWN_GRACE_SECONDS": str(args.drain),
            "AWS_ROLE_ARN": self.role.arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN_FILE,
            **args.config,
        }
        data = pulumi.Output.all(**variables)
        name = data.apply(lambda known: f"{self._object_name}-{_content_hash(known)}")
        config = core.v1.ConfigMap(
            f"{self._name}-config",
            metadata=self._metadata(name=name),
            data=data,
            immutable=True,
            opts=self.child(),
        )
        return config.metadata["name"]

    def _deployment(
        self, account: core.v1.ServiceAccount, needed: Sequence[pulumi.Resource]
    ) -> apps.v1.Deployment:
        args = self._args
        selector = args.context.selector(self._object_name)
        plan = PodPlan(
            name=self._object_name,
            image=args.image,
            service_account=account.metadata["name"],
            config_map=self.config_map_name,
            labels=args.context.pod_labels(self.label, self._object_name),
            selector=selector,
            ports=[(port.name, port.number) for port in args.ports],
            health_port=args.health_port,
            size=args.size,
            termination_grace=args.drain + _KILL_MARGIN,
        )
        return apps.v1.Deployment(
            self._name,
            metadata=self._metadata(
                annotations={
                    "pulumi.com/timeoutSeconds": str(args.start_timeout),
                    # A change by hand (`kubectl scale`) is drift, which the next update sets right.
                    "pulumi.com/patchForce": "true",
                }
            ),
            spec=apps.v1.DeploymentSpecArgs(
                replicas=args.replicas,
                revision_history_limit=3,
                progress_deadline_seconds=args.start_timeout,
                selector=meta.v1.LabelSelectorArgs(match_labels=selector),
                strategy=apps.v1.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    # A new pod is ready before an old one goes, so one replica has no gap either.
                    rolling_update=apps.v1.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=pod_template(plan),
            ),
            opts=self.child(depends_on=[*needed]),
        )

    def _address(self) -> pulumi.Output[str]:
        """The Kubernetes Service, where a port is exposed, and its DNS name."""
        args = self._args
        exposed = [port for port in args.ports if port.exposed]
        if not exposed:
            return pulumi.Output.from_input("")
        core.v1.Service(
            self._name,
            metadata=self._metadata(),
            spec=core.v1.ServiceSpecArgs(
                type="ClusterIP",
                selector=args.context.selector(self._object_name),
                ports=[
                    core.v1.ServicePortArgs(
                        name=port.name, port=port.number, target_port=port.name, protocol="TCP"
                    )
                    for port in exposed
                ],
            ),
            # Its readiness is the pods': waiting for them first makes the wait short.
            opts=self.child(depends_on=[self.deployment]),
        )
        return pulumi.Output.format("{0}.{1}.svc.cluster.local", self._object_name, args.namespace)


def _content_hash(variables: Mapping[str, str]) -> str:
    text = json.dumps(dict(variables), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
