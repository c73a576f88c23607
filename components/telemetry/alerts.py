"""The topic that alarms are sent to."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.argument_types import check_types
from components.checks import check_match
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class AlertsArgs:
    """Arguments of `Alerts`.

    Raises:
        InvalidArgument: what should be an e-mail address is none.
    """

    context: Context
    emails: tuple[str, ...] = ()
    """Who gets a mail of each alarm; each address has to confirm it once."""

    def __post_init__(self) -> None:
        check_types(self)
        for email in self.emails:
            check_match(
                "emails", email, r"[^@\s]+@[^@\s]+\.[^@\s]+", "use an address such as ops@example.com"
            )


class Alerts(Component):
    """An SNS topic for alarms and its subscribers.

    Example:
        >>> alerts = Alerts("alerts", AlertsArgs(context=context, emails=("ops@example.com",)))
    """

    token = "understudy:telemetry:Alerts"  # noqa: S105 - a type token

    topic_arn: pulumi.Output[str]
    """ARN of the topic, for the `alarm_actions` of other components."""
    topic: aws.sns.Topic
    """The topic itself."""

    def __init__(self, name: str, args: AlertsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.topic = aws.sns.Topic(
            name,
            name=args.context.name(naming.SNS_TOPIC, name, "topic"),
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        for email in args.emails:
            aws.sns.TopicSubscription(
                f"{name}-{email}",
                topic=self.topic.arn,
                protocol="email",
                endpoint=email,
                opts=self.child(),
            )
        self.topic_arn = self.topic.arn
        self.register()
