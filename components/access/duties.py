"""Who may do what in an environment: one table, from which IAM policies and Kubernetes roles are both made.

A *duty* is something that a person or a pipeline does. What it takes at AWS and in Kubernetes stands side by
side, so the two can't disagree about who has it. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["developer", "on-call", "ci"]
"""Who works with an environment: people who build it, people who keep it running, the pipeline."""

Duty = Literal["look", "read-logs", "debug", "restart", "scale", "deploy"]
"""Look: state without data. Debug: reach into pods and data. Restart: replace pods, reboot the database.
Scale: the number of pods. Deploy: put images and change workloads."""

READ = ("get", "list", "watch")
WRITE = (*READ, "create", "update", "patch", "delete")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Verbs on resources of one API group of Kubernetes."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a duty takes."""

    actions: tuple[str, ...] = ()
    """IAM actions on resources that bear the environment's tags."""
    account_actions: tuple[str, ...] = ()
    """IAM actions that AWS knows no resource for; none of them tells of another environment."""
    image_actions: tuple[str, ...] = ()
    """IAM actions on the project's image repositories, which environments share."""
    rules: tuple[Rule, ...] = ()
    """What Kubernetes allows in the environment's namespace."""


_WORKLOADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("", ("configmaps", "serviceaccounts", "services")),
    ("apps", ("deployments", "replicasets")),
    ("autoscaling", ("horizontalpodautoscalers",)),
    ("batch", ("jobs", "cronjobs")),
    ("networking.k8s.io", ("ingresses", "networkpolicies")),
    ("policy", ("poddisruptionbudgets",)),
)

MEANS: Mapping[Duty, Means] = {
    "look": Means(
        actions=(
            "cloudwatch:DescribeAlarms",
            "elasticache:DescribeReplicationGroups",
            "rds:DescribeDBInstances",
            "secretsmanager:DescribeSecret",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
        ),
        rules=(
            *(Rule(group=group, resources=names, verbs=READ) for group, names in _WORKLOADS),
            Rule(group="", resources=("endpoints", "events", "pods"), verbs=READ),
        ),
    ),
    "read-logs": Means(
        actions=("logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"),
        account_actions=("logs:GetQueryResults", "logs:StopQuery"),
        rules=(Rule(group="", resources=("pods/log",), verbs=("get",)),),
    ),
    "debug": Means(
        actions=(
            "secretsmanager:GetSecretValue",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
            "sqs:SendMessage",
        ),
        rules=(
            Rule(group="", resources=("pods/exec", "pods/portforward"), verbs=("create", "get")),
            Rule(group="", resources=("pods/ephemeralcontainers",), verbs=("patch", "update")),
        ),
    ),
    # Not by changing the Deployment, as `kubectl rollout restart` does: who may patch one may run anything.
    "restart": Means(
        actions=("rds:RebootDBInstance",),
        rules=(
            Rule(group="", resources=("pods",), verbs=("delete",)),
            Rule(group="", resources=("pods/eviction",), verbs=("create",)),
        ),
    ),
    "scale": Means(
        rules=(Rule(group="apps", resources=("deployments/scale",), verbs=("get", "patch", "update")),),
    ),
    "deploy": Means(
        account_actions=("ecr:GetAuthorizationToken",),
        image_actions=(
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ),
        rules=tuple(Rule(group=group, resources=names, verbs=WRITE) for group, names in _WORKLOADS),
    ),
}

_ALWAYS: Mapping[Role, tuple[Duty, ...]] = {
    "developer": ("look", "read-logs"),
    "on-call": ("look", "read-logs", "restart", "scale"),
    "ci": ("look", "deploy"),
}
ROLES: tuple[Role, ...] = tuple(_ALWAYS)


def duties(role: Role, *, developers_debug: bool) -> tuple[Duty, ...]:
    """The duties of a role; developers look and no more, unless the environment lets them debug.

    >>> duties("developer", developers_debug=False)
    ('look', 'read-logs')
    """
    extra: tuple[Duty, ...] = ("debug",) if role == "developer" and developers_debug else ()
    return (*_ALWAYS[role], *extra)


def sid(duty: Duty, suffix: str = "") -> str:
    """The name of a duty's statement: `ReadLogs` for `read-logs`."""
    return "".join(word.capitalize() for word in duty.split("-")) + suffix


def statements(chosen: tuple[Duty, ...], tags: Mapping[str, str], repositories: Any) -> list[dict[str, Any]]:
    """The statements of an IAM policy for some duties.

    Args:
        chosen: the duties.
        tags: what a resource must bear to be of the environment; a name's beginning would fit others, too.
        repositories: ARN of the project's image repositories.
    """
    found: list[dict[str, Any]] = []
    only_own = {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in tags.items()}}
    for duty in chosen:
        means = MEANS[duty]
        if means.actions:
            found.append({**_allow(sid(duty), means.actions, "*"), "Condition": only_own})
        if means.image_actions:
            found.append(_allow(sid(duty, "Images"), means.image_actions, repositories))
        if means.account_actions:
            found.append(_allow(sid(duty, "Account"), means.account_actions, "*"))
    return found


def rules(chosen: tuple[Duty, ...]) -> tuple[Rule, ...]:
    """The rules of a Kubernetes role for some duties."""
    return tuple(rule for duty in chosen for rule in MEANS[duty].rules)


def _allow(name: str, actions: tuple[str, ...], resource: Any) -> dict[str, Any]:
    return {"Sid": name, "Effect": "Allow", "Action": list(actions), "Resource": resource}
