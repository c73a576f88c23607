"""A record of who spoke to whom in a network."""

from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import document
from components.argument_types import check_types
from components.checks import check_choice
from components.component import Component
from components.context import Context

RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922)
"""What CloudWatch Logs takes for a retention, in days."""


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """Arguments of `FlowLogs`.

    Raises:
        InvalidArgument: a retention that CloudWatch does not take, or a kind of traffic that EC2 does not.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    """VPC whose traffic is recorded."""
    retention_days: int = 90
    """How long records are kept, in days."""
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = "ALL"
    """All traffic, or only what was let through, or only what was refused."""
    interval: int = 60
    """Seconds that records are gathered for: 60 or 600."""

    def __post_init__(self) -> None:
        check_types(self)
        check_choice("retention_days", self.retention_days, RETENTION_DAYS)
        check_choice("traffic", self.traffic, ("ALL", "ACCEPT", "REJECT"))
        check_choice("interval", self.interval, (60, 600))


class FlowLogs(Component):
    """Flow logs of a VPC in a log group of their own, written by a role that can do nothing else.

    Example:
        >>> FlowLogs("network-flow-logs", FlowLogsArgs(context=context, vpc_id=network.vpc_id))
    """

    token = "understudy:network:FlowLogs"  # noqa: S105 - a type token

    log_group_name: pulumi.Output[str]
    """Name of the log group."""
    log_group_arn: pulumi.Output[str]
    """ARN of the log group."""
    role_arn: pulumi.Output[str]
    """ARN of the role that writes the records."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        context = args.context
        tags = context.tags(self.label)
        group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=context.name(naming.LOG_GROUP, name, "logs"),
            retention_in_days=args.retention_days,
            tags=tags,
            opts=self.child(),
        )
        role = aws.iam.Role(
            f"{name}-role",
            name=context.name(naming.IAM_ROLE, name, "role"),
            description=f"Writes the flow logs of {name} in {context.environment}",
            assume_role_policy=document(
                {
                    "Sid": "FlowLogs",
                    "Effect": "Allow",
                    "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ),
            tags=tags,
            opts=self.child(),
        )
        permissions = aws.iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=document(
                {
                    "Sid": "Write",
                    "Effect": "Allow",
                    "Action": [
                        "logs:CreateLogStream",
                        "logs:PutLogEvents",
                        "logs:DescribeLogGroups",
                        "logs:DescribeLogStreams",
                    ],
                    "Resource": [group.arn, pulumi.Output.format("{0}:*", group.arn)],
                }
            ),
            opts=self.child(),
        )
        aws.ec2.FlowLog(
            name,
            vpc_id=args.vpc_id,
            traffic_type=args.traffic,
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=args.interval,
            tags=context.tags(self.label, name=context.name(naming.TAGGED, name, "flow-log")),
            # Without its permissions the role could not write the first records.
            opts=self.child(depends_on=[permissions]),
        )
        self.log_group_name = group.name
        self.log_group_arn = group.arn
        self.role_arn = role.arn
        self.register()
