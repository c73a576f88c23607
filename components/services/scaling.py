"""How many pods a service has when its load decides. No resource is made here."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import autoscaling, meta

from components.access import Use
from components.argument_types import check_types
from components.checks import InvalidArgument, check, check_match, check_range
from components.services.release import Track

QUEUE_METRIC = "aws_sqs_approximate_number_of_messages_visible_maximum"
"""External metric with a queue's length, as the exporter YACE and the Prometheus adapter name it."""
QUEUE_LABEL = "dimension_QueueName"
"""Label of that metric with the queue's name in SQS."""
_LONGEST_LABEL = 63
_CALM_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """The load at which pods are added, and how many there may be.

    Example:
        >>> Scaling(minimum=3, maximum=20, cpu=70)
        >>> Scaling(minimum=3, maximum=20, queue="orders", messages=100)

    Raises:
        InvalidArgument: a number out of range, or a maximum below the minimum.
    """

    minimum: int = 2
    """Pods that there are at least, 1 to 100."""
    maximum: int = 10
    """Pods that there are at most, up to 1000."""
    cpu: int = 70
    """Percent of the requested CPU that pods use on average before there are more, 1 to 1000."""
    queue: str | None = None
    """Name of a queue that the service consumes, whose length decides instead of the CPU."""
    messages: int = 100
    """Waiting messages for each pod, 1 to 1000000."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("minimum", self.minimum, 1, 100, "pods")
        check_range("maximum", self.maximum, 1, 1000, "pods")
        enough = self.maximum >= self.minimum
        check(enough, "maximum", self.maximum, f"use at least the minimum of {self.minimum}")
        check_range("cpu", self.cpu, 1, 1000, "percent")
        if self.queue is not None:
            check_match("queue", self.queue, r"\S+", "name a queue that the service consumes, such as orders")
        check_range("messages", self.messages, 1, 1_000_000, "messages")


def queue_of(scaling: Scaling, uses: Sequence[Use]) -> pulumi.Input[str] | None:
    """The name in SQS of the queue whose length decides; None when the CPU does.

    Raises:
        InvalidArgument: the service does not consume the queue.
    """
    if scaling.queue is None:
        return None
    consumed = {use.subject: use.queue for use in uses if use.queue is not None}
    found = consumed.get(scaling.queue)
    if found is None:
        known = f"use one of {', '.join(consumed)}" if consumed else "add its consumed() to uses"
        raise InvalidArgument("scaling.queue", scaling.queue, f"the service does not consume it; {known}")
    return found


def autoscaler_spec(
    scaling: Scaling,
    track: Track,
    deployment: pulumi.Input[str],
    queue: pulumi.Input[str] | None,
    *,
    serves: bool,
) -> autoscaling.v2.HorizontalPodAutoscalerSpecArgs:
    """What scales one version of a service: by its part of the pods while there are two.

    A version that stands by without traffic has all the pods that it may ever need, as it has no load of
    its own to grow with before it gets everybody's at once.
    """
    maximum = track.part(scaling.maximum)
    return autoscaling.v2.HorizontalPodAutoscalerSpecArgs(
        scale_target_ref=autoscaling.v2.CrossVersionObjectReferenceArgs(
            api_version="apps/v1", kind="Deployment", name=deployment
        ),
        min_replicas=track.part(scaling.minimum) if serves else maximum,
        max_replicas=maximum,
        metrics=[_cpu(scaling.cpu) if queue is None else _length(scaling.messages, track, queue)],
        behavior=autoscaling.v2.HorizontalPodAutoscalerBehaviorArgs(
            # Up at once: load does not wait. Down slowly: what comes back finds pods that are warm.
            scale_up=_pace(0, 100, 30),
            scale_down=_pace(_CALM_SECONDS, 25, 60),
        ),
    )


def _pace(calm: int, percent: int, seconds: int) -> autoscaling.v2.HPAScalingRulesArgs:
    """At most `percent` of the pods, and at least two, in `seconds`, after a calm of `calm` seconds."""
    policy = autoscaling.v2.HPAScalingPolicyArgs
    return autoscaling.v2.HPAScalingRulesArgs(
        stabilization_window_seconds=calm,
        select_policy="Max",
        policies=[
            policy(type="Percent", value=percent, period_seconds=seconds),
            policy(type="Pods", value=2, period_seconds=seconds),
        ],
    )


def _cpu(percent: int) -> autoscaling.v2.MetricSpecArgs:
    target = autoscaling.v2.MetricTargetArgs(type="Utilization", average_utilization=percent)
    return autoscaling.v2.MetricSpecArgs(
        type="Resource", resource=autoscaling.v2.ResourceMetricSourceArgs(name="cpu", target=target)
    )


def _length(messages: int, track: Track, queue: pulumi.Input[str]) -> autoscaling.v2.MetricSpecArgs:
    # Each version sees the whole queue but has to take its part only.
    average = -(-messages * track.together // track.pods)
    target = autoscaling.v2.MetricTargetArgs(type="AverageValue", average_value=str(average))
    selector = meta.v1.LabelSelectorArgs(
        match_labels={QUEUE_LABEL: pulumi.Output.from_input(queue).apply(metric_label)}
    )
    metric = autoscaling.v2.MetricIdentifierArgs(name=QUEUE_METRIC, selector=selector)
    return autoscaling.v2.MetricSpecArgs(
        type="External", external=autoscaling.v2.ExternalMetricSourceArgs(metric=metric, target=target)
    )


def metric_label(name: str) -> str:
    """The name of a queue, which has to fit into a label of its metric.

    Raises:
        InvalidArgument: it is too long.
    """
    fits = len(name) <= _LONGEST_LABEL
    check(fits, "scaling.queue", name, f"use a queue with a name of at most {_LONGEST_LABEL} characters")
    return name
