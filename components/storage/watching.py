"""The alarms of databases and caches."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.context import Context
from components.telemetry import Alarm, AlarmArgs, alarm_owner


@dataclass(frozen=True, kw_only=True)
class Watched:
    """One metric, and when it is a reason to wake somebody."""

    role: str
    """What the alarm is called."""
    metric: str
    threshold: float
    description: str
    comparison: str = "GreaterThanOrEqualToThreshold"
    statistic: str = "Average"
    minutes: int = 15
    """For how long it has to be so."""


def watch(
    name: str,
    watched: Sequence[Watched],
    *,
    context: Context,
    namespace: str,
    dimensions: Mapping[str, pulumi.Input[str]],
    actions: Sequence[pulumi.Input[str]],
    runbook: str,
    child: Callable[[], pulumi.ResourceOptions],
    key: str = "",
) -> None:
    """Make the alarms of the component `name`; `key` tells the alarms of one of its nodes from another's."""
    for one in watched:
        role = f"{key}-{one.role}" if key else one.role
        Alarm(
            f"{name}-{role}-alarm",
            AlarmArgs(
                context=context,
                owner=alarm_owner(context),
                runbook=runbook,
                description=one.description,
                namespace=namespace,
                metric=one.metric,
                dimensions=dimensions,
                threshold=one.threshold,
                comparison=one.comparison,
                statistic=one.statistic,
                period=300,
                periods=max(1, one.minutes // 5),
                # A server that tells nothing is not known to be well, nor to be ill.
                missing_data="missing",
                actions=actions,
                thing=name,
                kind=role,
            ),
            child(),
        )
