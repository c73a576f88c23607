"""What joins a topic and a queue."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.argument_types import check_types
from components.checks import check, check_choice
from components.component import Component
from components.context import Context
from components.messaging.filters import ATTRIBUTES, SCOPES, Policy, check_filter


@dataclass(frozen=True, kw_only=True)
class SubscriptionArgs:
    """Arguments of `Subscription`.

    Raises:
        InvalidArgument: a filter that SNS would refuse, or a scope that it does not know.
    """

    context: Context
    topic_arn: pulumi.Input[str]
    """Topic whose messages are wanted."""
    queue_arn: pulumi.Input[str]
    """Queue that gets them; it has to name the topic in its `senders`."""
    dead_letter_arn: pulumi.Input[str]
    """Queue for what could not be delivered, such as the queue's own dead-letter queue."""
    filter: Policy | None = None
    """Which messages are wanted, as SNS's filter policy; all of them when absent.
    Such as `{"kind": ["order", {"prefix": "return-"}]}`."""
    filter_scope: str = ATTRIBUTES
    """What the filter looks at: `MessageAttributes`, or `MessageBody`, which has to be JSON then."""
    raw: bool = True
    """Whether the queue gets the message as it was published, and its attributes as SQS's own; otherwise it
    gets them wrapped in JSON of SNS."""

    def __post_init__(self) -> None:
        check_types(self)
        check_choice("filter_scope", self.filter_scope, SCOPES)
        if self.filter is not None:
            check_filter("filter", self.filter, self.filter_scope)
        unused = self.filter is not None or self.filter_scope == ATTRIBUTES
        check(unused, "filter_scope", self.filter_scope, "leave it out, or give a filter")


class Subscription(Component):
    """A queue's subscription to a topic; what can't be delivered becomes a dead letter.

    Example:
        >>> Subscription("billing", SubscriptionArgs(
        ...     context=context, topic_arn=topic.arn, queue_arn=queue.arn,
        ...     dead_letter_arn=queue.dead_letter_arn, filter={"kind": ["order"]}))
    """

    token = "understudy:messaging:Subscription"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the subscription."""
    subscription: aws.sns.TopicSubscription
    """The subscription itself."""

    def __init__(self, name: str, args: SubscriptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        filtered = args.filter is not None
        self.subscription = aws.sns.TopicSubscription(
            name,
            topic=args.topic_arn,
            protocol="sqs",
            endpoint=args.queue_arn,
            filter_policy=pulumi.Output.json_dumps(dict(args.filter)) if args.filter is not None else None,
            filter_policy_scope=args.filter_scope if filtered else None,
            raw_message_delivery=args.raw,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": args.dead_letter_arn}),
            opts=self.child(),
        )
        self.arn = self.subscription.arn
        self.register()
