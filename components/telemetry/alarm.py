"""An alarm that says who answers it, and where it is written what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context, tag_value

STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
COMPARISONS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)
MISSING_DATA = ("breaching", "ignore", "missing", "notBreaching")

# A runbook is a tag, too, so only what a tag may hold is taken.
_URL = r"https://[A-Za-z0-9.-]+\.[A-Za-z]+(:[0-9]{1,5})?(/[A-Za-z0-9_.:/=+@-]*)?"
_PATH = r"docs/([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.md"
_TAG_LIMIT = 256
_OWNER_LIMIT = 100
_DESCRIPTION_LIMIT = 1024
_DAY = 86_400
_HOUR = 3600


def check_runbook(runbook: str) -> None:
    """Refuse a runbook that is neither an https:// address nor a page below `docs/`."""
    mend = "use an https:// address without ? and #, or a page such as docs/runbooks/queues.md"
    check_match("runbook", runbook, f"{_URL}|{_PATH}", mend)
    check(len(runbook) <= _TAG_LIMIT, "runbook", runbook, f"use at most {_TAG_LIMIT} characters")


def alarm_owner(context: Context) -> str:
    """Who answers the alarms of an environment: its owner, as a tag can say it."""
    return tag_value(context.owner)[:_OWNER_LIMIT].strip() or "nobody"


@dataclass(frozen=True, kw_only=True)
class AlarmArgs:
    """Arguments of `Alarm`. All times are in seconds.

    Raises:
        InvalidArgument: no owner or no runbook, or a setting that CloudWatch does not take.
    """

    context: Context
    owner: str
    """Who answers the alarm: a team, as its members know it."""
    runbook: str
    """Where it is written what to do: an https:// address, or a page below `docs/`."""
    description: str
    """What has happened when the alarm goes off."""
    namespace: str
    """Namespace of the metric, such as `AWS/SQS`."""
    metric: str
    """Name of the metric."""
    threshold: float
    """Value that the metric is compared with, in the metric's own unit."""
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Which of the metric's series is watched."""
    comparison: str = "GreaterThanOrEqualToThreshold"
    """How the metric is compared with the threshold."""
    statistic: str = "Maximum"
    """How the values of one period become one."""
    period: int = 60
    """Length of a period: 10, 20, 30, or a multiple of 60 seconds."""
    periods: int = 1
    """How many periods are looked at; all of them have to be bad."""
    missing_data: str = "notBreaching"
    """What a period without a value counts as. SQS, for one, tells nothing of a queue that is idle."""
    actions: Sequence[pulumi.Input[str]] = ()
    """ARNs of what the alarm sets off, at most 5, such as an SNS topic; they hear of its end as well."""
    thing: str | None = None
    """What the alarm watches, for its physical name; the component's own name when absent."""
    kind: str = "alarm"
    """Last part of the physical name, such as `oldest`."""

    def __post_init__(self) -> None:
        check_types(self)
        words = "use 1 to 100 letters, digits and _.:/=+@-, such as payments or payments@example.com"
        check_match("owner", self.owner, r"[A-Za-z0-9_.:/=+@-][A-Za-z0-9 _.:/=+@-]{0,99}", words)
        check_runbook(self.runbook)
        check_match("description", self.description, r"[^\x00-\x1f]+", "say in one line what has happened")
        shorter = f"use at most {_DESCRIPTION_LIMIT} characters together with owner and runbook"
        check(len(self.text()) <= _DESCRIPTION_LIMIT, "description", self.description, shorter)
        check_match(
            "namespace", self.namespace, r"[^:\x00-\x1f][!-~]{0,254}", "use a namespace such as AWS/SQS"
        )
        check_match("metric", self.metric, r"[ -~]{1,255}", "use 1 to 255 characters")
        check(-1e300 < self.threshold < 1e300, "threshold", self.threshold, "use a finite number")
        check(len(self.dimensions) <= 30, "dimensions", sorted(self.dimensions), "use at most 30")
        check_choice("comparison", self.comparison, COMPARISONS)
        check_choice("statistic", self.statistic, STATISTICS)
        check_choice("missing_data", self.missing_data, MISSING_DATA)
        check_range("period", self.period, 10, 7 * _DAY, "seconds")
        even = self.period in (10, 20, 30) or self.period % 60 == 0
        check(even, "period", self.period, "use 10, 20, 30, or a multiple of 60 seconds")
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        longest = (7 * _DAY if self.period >= _HOUR else _DAY) // self.period
        check_range("periods", self.periods, 1, longest, f"periods of {self.period} seconds")
        check(len(self.actions) <= 5, "actions", len(self.actions), "use at most 5 ARNs")

    def text(self) -> str:
        """What whoever is woken reads first."""
        return f"{self.description} Owner: {self.owner}. Runbook: {self.runbook}"


class Alarm(Component):
    """An alarm on one metric. Owner and runbook are in its description and in its tags.

    Example:
        >>> Alarm("orders-dead-alarm", AlarmArgs(
        ...     context=context, owner="payments", runbook="docs/runbooks/queues.md",
        ...     description="There is a dead letter.", namespace="AWS/SQS",
        ...     metric="ApproximateNumberOfMessagesVisible", dimensions={"QueueName": queue.name},
        ...     threshold=1, actions=[alerts.topic_arn]))
    """

    token = "understudy:telemetry:Alarm"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the alarm."""
    physical_name: pulumi.Output[str]
    """Name of the alarm in CloudWatch."""
    alarm: aws.cloudwatch.MetricAlarm
    """The alarm itself."""

    def __init__(self, name: str, args: AlarmArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        facts = {"owner": tag_value(args.owner), "runbook": tag_value(args.runbook)}
        self.alarm = aws.cloudwatch.MetricAlarm(
            name,
            name=args.context.name(naming.ALARM, args.thing or name, args.kind),
            alarm_description=args.text(),
            namespace=args.namespace,
            metric_name=args.metric,
            dimensions=dict(args.dimensions),
            statistic=args.statistic,
            period=args.period,
            evaluation_periods=args.periods,
            threshold=args.threshold,
            comparison_operator=args.comparison,
            treat_missing_data=args.missing_data,
            alarm_actions=list(args.actions),
            ok_actions=list(args.actions),
            tags={**args.context.tags(self.label), **facts},
            opts=self.child(),
        )
        self.arn = self.alarm.arn
        self.physical_name = self.alarm.name
        self.register()
