"""A place for logs that are kept for as long as they are read."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant
from components.argument_types import check_types
from components.checks import check_choice, check_range
from components.component import Component
from components.context import Context

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""The numbers of days that CloudWatch takes."""


@dataclass(frozen=True, kw_only=True)
class LogGroupArgs:
    """Arguments of `LogGroup`.

    Raises:
        InvalidArgument: a number of days that CloudWatch does not take.
    """

    context: Context
    retention_days: int = 365
    """Days that logs are kept; one of CloudWatch's own steps. Logs are never kept for good by mistake."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the logs, whose policy has to let `logs.<region>.amazonaws.com` use it; CloudWatch's
    own key when absent."""
    thing: str | None = None
    """What the logs are of, for the physical name; the component's own name when absent."""
    kind: str = "logs"
    """Last part of the physical name."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("retention_days", self.retention_days, 1, RETENTION_DAYS[-1], "days")
        check_choice("retention_days", self.retention_days, RETENTION_DAYS)


class LogGroup(Component):
    """A log group whose logs end after a while.

    Example:
        >>> LogGroup("flow", LogGroupArgs(context=context, retention_days=90))
    """

    token = "understudy:telemetry:LogGroup"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the log group, without the `:*` that stands for its streams."""
    physical_name: pulumi.Output[str]
    """Name of the log group."""
    group: aws.cloudwatch.LogGroup
    """The log group itself."""

    def __init__(self, name: str, args: LogGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.group = aws.cloudwatch.LogGroup(
            name,
            name=args.context.name(naming.LOG_GROUP, args.thing or name, args.kind),
            retention_in_days=args.retention_days,
            kms_key_id=args.kms_key_arn,
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        self.arn = self.group.arn
        self.physical_name = self.group.name
        self.register()

    def grant_write(self, sid: str) -> list[Grant]:
        """What a role needs to write logs: making a stream, and putting lines into it."""
        streams = pulumi.Output.format("{0}:log-stream:*", self.arn)
        return [Grant(sid=sid, actions=("logs:CreateLogStream", "logs:PutLogEvents"), resources=[streams])]
