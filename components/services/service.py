"""A service on Kubernetes with an identity at AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
from pulumi_kubernetes import apps, autoscaling, core, meta, networking, policy

from components import naming
from components.access import Grant, ToPods, Use, check_uses
from components.argument_types import check_types
from components.checks import InvalidArgument, check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context
from components.services.configuration import check_config, content_hash
from components.services.identity import make_role
from components.services.pod import TOKEN_FILE, PodPlan
from components.services.ports import Backend, Port, check_ports
from components.services.reach import ANYWHERE, address_of, caller_rules, check_blocks, service_rules
from components.services.release import IMAGE, IMAGE_MEND, Release, Track, tracks
from components.services.runtimes import Language, Size, runtime_environment
from components.services.scaling import Scaling, autoscaler_spec, queue_of
from components.services.workload import (
    TRACK_LABEL,
    budget_spec,
    deployment_annotations,
    deployment_spec,
)
from components.telemetry import OpenTelemetry

_LOG_RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557)


@dataclass(frozen=True, kw_only=True)
class ServiceArgs:
    """Arguments of `Service`. Times are in seconds unless they say days.

    Raises:
        InvalidArgument: an image without a digest, an unknown language, a port named twice, health on a
            port that there is not, time-outs in the wrong order, a release or a scaling that does not fit
            the service, or a number out of range.
    """

    context: Context
    namespace: pulumi.Input[str]
    """Kubernetes namespace of the environment."""
    language: Language
    """`go` or `rust`: what its runtime is told about its limits."""
    image: str
    """Image by digest, `name@sha256:…`, of the version that serves; a tag could mean something else
    tomorrow."""
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
    uses: Sequence[Use] = ()
    """What it uses of other components: the only things it may do at AWS and reach through the network."""
    release: Release = field(default_factory=Release)
    """How a new version takes over."""
    replicas: int = 2
    """Pods, 1 to 100, unless `scaling` decides."""
    scaling: Scaling | None = None
    """How load decides on the number of pods; it is fixed when absent."""
    size: Size = field(default_factory=Size)
    """CPU and memory of a pod."""
    probe_timeout: int = 2
    """Seconds that an answer to a probe may take, 1 to 60; less than `drain`."""
    stop_delay: int = 3
    """Seconds, 0 to 60, that a pod still takes connections once it is to end; only with an exposed port."""
    drain: int = 20
    """Seconds that the service has to finish its work once told to end, 1 to 600."""
    log_retention_days: int = 30
    """Days that logs are kept, one of CloudWatch's own steps."""
    telemetry: OpenTelemetry = field(default_factory=OpenTelemetry)
    """Where traces and metrics are sent to."""
    aws_endpoint: str | None = None
    """Where AWS's API is reached, such as `http://10.0.0.1:5000`; at AWS's own addresses when absent."""
    aws_blocks: tuple[str, ...] = (ANYWHERE,)
    """IPv4 blocks of AWS's own addresses; the network's, where there are endpoints for all of them."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("image", self.image, IMAGE, IMAGE_MEND)
        check_ports(self.ports, self.health_port)
        check_config("config", self.config)
        check_uses("uses", self.uses)
        check_range("replicas", self.replicas, 1, 100, "pods")
        check_range("drain", self.drain, 1, 600, "seconds")
        check_range("probe_timeout", self.probe_timeout, 1, 60, "seconds")
        in_order = self.probe_timeout < self.drain
        less = f"use less than the drain of {self.drain} seconds"
        check(in_order, "probe_timeout", self.probe_timeout, less)
        check_range("stop_delay", self.stop_delay, 0, 60, "seconds")
        check_choice("log_retention_days", self.log_retention_days, _LOG_RETENTION_DAYS)
        self._check_versions()
        if self.aws_endpoint is not None:
            address_of("aws_endpoint", self.aws_endpoint)
        check_blocks("aws_blocks", self.aws_blocks)

    def _check_versions(self) -> None:
        if self.scaling is not None:
            queue_of(self.scaling, self.uses)
        if self.release.strategy == "blue-green":
            # Both colours would take messages: only what is asked by its address can be switched.
            works = any(use.queue is not None for use in self.uses)
            switched = any(port.exposed for port in self.ports) and not works
            mend = "use canary or rolling for a service that is not called, or that consumes a queue"
            check(switched, "release", self.release.strategy, mend)
        _ = self.tracks

    @property
    def grants(self) -> list[Grant]:
        """What the service may do at AWS."""
        return [grant for use in self.uses for grant in use.grants]

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The versions that run; the one that serves is first."""
        pods = self.replicas if self.scaling is None else self.scaling.minimum
        return tracks(self.release, self.image, pods)


class Service(Component):
    """A Deployment and all that belongs to it: identity, reach, configuration, budget, address, logs.

    The pods run as nobody, with a read-only root and no capabilities. They get AWS credentials by a token
    of their service account, for a role that may do what `uses` needs and no more; they reach what `uses`
    names, AWS's API, and the name server. The configuration is an immutable ConfigMap named after its
    content, so a change of it rolls the pods, and a roll-back finds the old one.

    Example:
        >>> Service("pricing", ServiceArgs(
        ...     context=context, namespace="understudy-feature-x", language="rust", image=image,
        ...     account_id=account_id, issuer="oidc.example.com/cluster",
        ...     ports=(Port(name="grpc", number=50051), Port(name="http", number=8080, exposed=False)),
        ...     uses=(cache.connected([network.plan.tier("data")]),)))
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
    """The Deployment of the version that serves."""
    candidate: apps.v1.Deployment | None
    """The Deployment of the version that is to take over, while there is one."""
    role: aws.iam.Role
    """The role itself."""

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._args = args
        self._object_name = naming.short_name(naming.KUBERNETES, name)
        self.role, permissions = make_role(
            self,
            name,
            context=args.context,
            account_id=args.account_id,
            partition=args.partition,
            issuer=args.issuer,
            namespace=args.namespace,
            service_account=self._object_name,
            grants=args.grants,
        )
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
        needed = [*permissions, *self._reach()]
        serving, *others = args.tracks
        standby = args.release.strategy == "blue-green"
        self.candidate = None
        for other in others:
            self.candidate = self._run(other, account, needed, serves=not standby)
        # A canary's candidate has to be ready before it takes anything from the version that serves.
        if self.candidate is not None and not standby:
            needed.append(self.candidate)
        self.deployment = self._run(serving, account, needed, serves=True)
        self.host = self._address()
        self.role_arn = self.role.arn
        self.service_account_name = pulumi.Output.from_input(self._object_name)
        self.log_group_name = logs.name
        self.register()

    def _metadata(
        self,
        name: pulumi.Input[str] | None = None,
        *,
        namespace: pulumi.Input[str] | None = None,
        annotations: Mapping[str, pulumi.Input[str]] | None = None,
    ) -> meta.v1.ObjectMetaArgs:
        return meta.v1.ObjectMetaArgs(
            name=name if name is not None else self._object_name,
            namespace=namespace if namespace is not None else self._args.namespace,
            labels=self._args.context.labels(self.label, self._object_name),
            annotations=annotations,
        )

    def _config_map(self) -> pulumi.Output[str]:
        args = self._args
        variables: dict[str, pulumi.Input[str]] = {
            **runtime_environment(args.language, args.size),
            **args.telemetry.variables(args.context, self._name, args.context.release),
            "SERVICE_NAME": self._name,
            "ENVIRONMENT": args.context.environment,
            "RELEASE": args.context.release,
            "SHUTDOWN_GRACE_SECONDS": str(args.drain),
            "AWS_ROLE_ARN": self.role.arn,
            "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN_FILE,
            **({} if args.aws_endpoint is None else {"AWS_ENDPOINT_URL": args.aws_endpoint}),
            **args.config,
        }
        data = pulumi.Output.all(**variables)
        name = data.apply(lambda known: f"{self._object_name}-{content_hash(known)}")
        config = core.v1.ConfigMap(
            f"{self._name}-config",
            metadata=self._metadata(name=name),
            data=data,
            immutable=True,
            opts=self.child(),
        )
        return config.metadata["name"]

    def _reach(self) -> list[pulumi.Resource]:
        """Who the pods may talk to, and that those they call let them in."""
        args = self._args
        selector = args.context.selector(self._object_name)
        policies: list[pulumi.Resource] = [
            networking.v1.NetworkPolicy(
                f"{self._name}-reach",
                metadata=self._metadata(),
                spec=service_rules(
                    selector=selector,
                    uses=args.uses,
                    aws_endpoint=args.aws_endpoint,
                    aws_blocks=args.aws_blocks,
                    collector=args.telemetry.endpoint,
                ),
                opts=self.child(),
            )
        ]
        for use in args.uses:
            for way in use.pods:
                there = naming.short_name(
                    naming.KUBERNETES, self._object_name, "to", use.subject, way.port_name
                )
                policies.append(
                    networking.v1.NetworkPolicy(
                        f"{self._name}-to-{use.subject}-{way.port_name}",
                        metadata=self._metadata(name=there, namespace=way.namespace),
                        spec=caller_rules(way, selector=selector, namespace=args.namespace),
                        opts=self.child(),
                    )
                )
        return policies

    def _selector(self, track: Track) -> dict[str, str]:
        return {**self._args.context.selector(self._object_name), TRACK_LABEL: track.name}

    def _run(
        self,
        track: Track,
        account: core.v1.ServiceAccount,
        needed: Sequence[pulumi.Resource],
        *,
        serves: bool,
    ) -> apps.v1.Deployment:
        """The Deployment of one version, what scales it, and how much of it may be evicted at once."""
        args = self._args
        selector = self._selector(track)
        pieces = [] if track.suffix is None else [track.suffix]
        name = "-".join([self._name, *pieces])
        object_name = naming.short_name(naming.KUBERNETES, self._object_name, *pieces)
        plan = PodPlan(
            name=self._object_name,
            image=track.image,
            service_account=account.metadata["name"],
            config_map=self.config_map_name,
            labels={**args.context.pod_labels(self.label, self._object_name), **selector},
            selector=selector,
            ports=[(port.name, port.number) for port in args.ports],
            health_port=args.health_port,
            size=args.size,
            probe_timeout=args.probe_timeout,
            stop_delay=args.stop_delay if any(port.exposed for port in args.ports) else 0,
            drain=args.drain,
        )
        replicas = track.pods if args.scaling is None else None
        deployment = apps.v1.Deployment(
            name,
            metadata=self._metadata(object_name, annotations=deployment_annotations(args.release)),
            spec=deployment_spec(plan, args.release, replicas),
            opts=self.child(depends_on=[*needed]),
        )
        if args.scaling is not None:
            queue = queue_of(args.scaling, args.uses)
            autoscaling.v2.HorizontalPodAutoscaler(
                f"{name}-autoscaler",
                metadata=self._metadata(object_name),
                spec=autoscaler_spec(args.scaling, track, deployment.metadata["name"], queue, serves=serves),
                opts=self.child(),
            )
        policy.v1.PodDisruptionBudget(
            f"{name}-budget",
            metadata=self._metadata(object_name),
            spec=budget_spec(selector),
            opts=self.child(),
        )
        return deployment

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
                selector=self._traffic(),
                ports=[
                    core.v1.ServicePortArgs(
                        name=port.name, port=port.number, target_port=port.name, protocol="TCP"
                    )
                    for port in exposed
                ],
            ),
            # It moves to another colour once that is ready. Its own readiness is the pods', anyhow.
            opts=self.child(depends_on=[self.deployment]),
        )
        return pulumi.Output.format("{0}.{1}.svc.cluster.local", self._object_name, args.namespace)

    def _traffic(self) -> dict[str, str]:
        """The pods that get traffic: one colour, else every version's, so that a canary has its share."""
        if self._args.release.strategy == "blue-green":
            return self._selector(self._args.tracks[0])
        return self._args.context.selector(self._object_name)

    def called(self, port: str) -> Use:
        """That another service calls this one, at the exposed port of this name.

        Raises:
            InvalidArgument: there is no such port, or it is not exposed.
        """
        way = ToPods(
            selector=self._args.context.selector(self._object_name),
            namespace=self._args.namespace,
            port_name=port,
            port=self._exposed(port),
        )
        return Use(subject=self._name, pods=[way])

    def routed(self, port: str) -> Backend:
        """That a gateway sends requests from outside to the exposed port of this name.

        Raises:
            InvalidArgument: there is no such port, or it is not exposed.
        """
        selector = self._args.context.selector(self._object_name)
        return Backend(service=self._object_name, selector=selector, port=self._exposed(port))

    def _exposed(self, port: str) -> int:
        exposed = {one.name: one.number for one in self._args.ports if one.exposed}
        if port not in exposed:
            known = f"use one of {', '.join(exposed)}" if exposed else "expose it first"
            raise InvalidArgument("port", port, f"{self._name} does not expose it; {known}")
        return exposed[port]
