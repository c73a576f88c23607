"""The Deployment of one version of a service. No resource is made here."""

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes import apps, meta, policy

from components.context import LABEL_DOMAIN
from components.services.pod import PodPlan, pod_template
from components.services.release import Release

TRACK_LABEL = f"{LABEL_DOMAIN}/track"
"""Label that tells the versions of a service apart: `stable`, `candidate`, or a colour."""


def deployment_spec(plan: PodPlan, release: Release, replicas: int | None) -> apps.v1.DeploymentSpecArgs:
    """The spec of a Deployment of these pods.

    Args:
        plan: what the pods are made of.
        release: how they are replaced.
        replicas: how many there are; None leaves it to an autoscaler, which would be overruled otherwise.
    """
    return apps.v1.DeploymentSpecArgs(
        replicas=replicas,
        revision_history_limit=3,
        progress_deadline_seconds=release.ready_within,
        selector=meta.v1.LabelSelectorArgs(match_labels=plan.selector),
        strategy=apps.v1.DeploymentStrategyArgs(
            type="RollingUpdate",
            # As a rule a new pod is ready before an old one goes, so one replica has no gap either.
            rolling_update=apps.v1.RollingUpdateDeploymentArgs(
                max_surge=release.max_surge, max_unavailable=release.max_unavailable
            ),
        ),
        template=pod_template(plan),
    )


def deployment_annotations(release: Release) -> dict[str, pulumi.Input[str]]:
    """How the engine applies and awaits a Deployment."""
    return {
        "pulumi.com/timeoutSeconds": str(release.ready_within),
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
