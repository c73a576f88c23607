"""The pod of a service: hardened, probed, and with an identity at AWS."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core, meta

from components.services.runtimes import Size

USER = 65532
"""Numeric user and group of every service, as in distroless images; never root."""
TOKEN_FOLDER = "/var/run/secrets/eks.amazonaws.com/serviceaccount"  # noqa: S105 - a folder, as EKS has it
TOKEN_FILE = f"{TOKEN_FOLDER}/token"
TOKEN_AUDIENCE = "sts.amazonaws.com"  # noqa: S105 - the audience of a token
TOKEN_SECONDS = 3600
KILL_MARGIN = 15
"""Seconds that a service may overrun its drain before it is killed."""


@dataclass(frozen=True, kw_only=True)
class PodPlan:
    """What the pod of a service is made of."""

    name: str
    image: pulumi.Input[str]
    service_account: pulumi.Input[str]
    config_map: pulumi.Input[str]
    labels: dict[str, str]
    selector: dict[str, str]
    ports: Sequence[tuple[str, int]]
    health_port: str
    size: Size
    probe_timeout: int
    """Seconds that an answer to a probe may take."""
    stop_delay: int
    """Seconds before the signal to end, in which others learn that the pod goes."""
    drain: int
    """Seconds that the service has to finish its work after that signal."""

    @property
    def termination_grace(self) -> int:
        """Seconds from the decision to end a pod to the kill: longer than all that comes before it."""
        return self.stop_delay + self.drain + KILL_MARGIN


def pod_template(plan: PodPlan) -> core.v1.PodTemplateSpecArgs:
    """The template of the pods of a Deployment."""
    return core.v1.PodTemplateSpecArgs(
        metadata=meta.v1.ObjectMetaArgs(labels=plan.labels),
        spec=core.v1.PodSpecArgs(
            service_account_name=plan.service_account,
            # The workload never talks to the Kubernetes API; its own token is projected below.
            automount_service_account_token=False,
            enable_service_links=False,
            termination_grace_period_seconds=plan.termination_grace,
            security_context=core.v1.PodSecurityContextArgs(
                run_as_non_root=True,
                run_as_user=USER,
                run_as_group=USER,
                fs_group=USER,
                seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
            ),
            topology_spread_constraints=[
                core.v1.TopologySpreadConstraintArgs(
                    max_skew=1,
                    topology_key=key,
                    when_unsatisfiable="ScheduleAnyway",
                    label_selector=meta.v1.LabelSelectorArgs(match_labels=plan.selector),
                )
                for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
            ],
            containers=[_container(plan)],
            volumes=[_identity_volume()],
        ),
    )


def _container(plan: PodPlan) -> core.v1.ContainerArgs:
    return core.v1.ContainerArgs(
        name=plan.name,
        image=plan.image,
        image_pull_policy="IfNotPresent",
        env_from=[
            core.v1.EnvFromSourceArgs(config_map_ref=core.v1.ConfigMapEnvSourceArgs(name=plan.config_map))
        ],
        ports=[
            core.v1.ContainerPortArgs(name=name, container_port=port, protocol="TCP")
            for name, port in plan.ports
        ],
        resources=core.v1.ResourceRequirementsArgs(requests=plan.size.requests(), limits=plan.size.limits()),
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            privileged=False,
            read_only_root_filesystem=True,
            run_as_non_root=True,
            capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        # Up to a minute to start; after that, dead means three failed looks at it.
        startup_probe=_probe(plan, "/healthz", period=1, failures=60),
        liveness_probe=_probe(plan, "/healthz", period=10, failures=3),
        readiness_probe=_probe(plan, "/readyz", period=2, failures=3),
        lifecycle=_lifecycle(plan.stop_delay),
        volume_mounts=[core.v1.VolumeMountArgs(name="aws-identity", mount_path=TOKEN_FOLDER, read_only=True)],
        termination_message_policy="FallbackToLogsOnError",
    )


def _lifecycle(stop_delay: int) -> core.v1.LifecycleArgs | None:
    """New connections come in until every node knows that the pod goes; it serves them meanwhile."""
    if stop_delay == 0:
        return None
    # The kubelet's own sleep: images hold nothing but the service's program.
    wait = core.v1.SleepActionArgs(seconds=stop_delay)
    return core.v1.LifecycleArgs(pre_stop=core.v1.LifecycleHandlerArgs(sleep=wait))


def _probe(plan: PodPlan, path: str, *, period: int, failures: int) -> core.v1.ProbeArgs:
    return core.v1.ProbeArgs(
        http_get=core.v1.HTTPGetActionArgs(path=path, port=plan.health_port),
        period_seconds=period,
        timeout_seconds=plan.probe_timeout,
        failure_threshold=failures,
    )


def _identity_volume() -> core.v1.VolumeArgs:
    """A token for AWS alone, which the kubelet renews: the pod holds no lasting credential."""
    token = core.v1.ServiceAccountTokenProjectionArgs(
        audience=TOKEN_AUDIENCE, expiration_seconds=TOKEN_SECONDS, path="token"
    )
    return core.v1.VolumeArgs(
        name="aws-identity",
        projected=core.v1.ProjectedVolumeSourceArgs(
            sources=[core.v1.VolumeProjectionArgs(service_account_token=token)]
        ),
    )
