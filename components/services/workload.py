"""The Deployment of one version of a service. No resource is made here."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import apps, meta, policy

from components.context import LABEL_DOMAIN
from components.services.pod import PodPlan, pod_template
from components.services.release import Release

TRACK_LABEL = f"{LABEL_DOMAIN}/track"
"""Label that tells the versions of a service apart: `stable`, `candidate`, or a colour."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How pods are replaced."""

    replicas: int | None
    """How many there are; None leaves it to an autoscaler, which would be overruled otherwise."""
    start_timeout: int
    """Seconds that a new pod has to become ready."""
    release: Release


def deployment_spec(plan: PodPlan, pace: Pace) -> apps.v1.DeploymentSpecArgs:
    """The spec of a Deployment of these pods."""
    return apps.v1.DeploymentSpecArgs(
        replicas=pace.replicas,
        revision_history_limit=3,
        progress_deadline_seconds=pace.start_timeout,
        selector=meta.v1.LabelSelectorArgs(match_labels=plan.selector),
        strategy=apps.v1.DeploymentStrategyArgs(
            type="RollingUpdate",
            # As a rule a new pod is ready before an old one goes, so one replica has no gap either.
            rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                max_surge=pace.release.max_surge, max_unavailable=pace.release.max_unavailable
            ),
        ),
        template=pod_template(plan),
    )


def deployment_annotations(start_timeout: int) -> dict[str, pulumi.Input[str]]:
    """How the engine applies and awaits a Deployment."""
    return {
        "pulumi.com/timeoutSeconds": str(start_timeout),
        # A change by hand (`kubectl scale`) is drift, which the next update sets right.
        "pulumi.com/patchForce": "true",
    }


def budget_spec(selector: Mapping[str, str]) -> policy.v1.PodDisruptionBudgetSpecArgs:
    """How many pods of one version may be evicted at once."""
    return policy.v1.PodDisruptionBudgetSpecArgs(
        # In numbers that hold for one replica, too: a drain of the node must never hang for ever.
        max_unavailable=1,
        # Nor must a version that never becomes ready keep it from ending.
        unhealthy_pod_eviction_policy="AlwaysAllow",
        selector=meta.v1.LabelSelectorArgs(match_labels=selector),
    )
