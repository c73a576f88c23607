"""An SNS topic: one message in, a copy out to each subscription."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check
from components.component import Component
from components.context import Context

_DEFAULT_KEY = "alias/aws/sns"


@dataclass(frozen=True, kw_only=True)
class TopicArgs:
    """Arguments of `Topic`.

    Raises:
        InvalidArgument: a setting of FIFO topics for one that is none.
    """

    context: Context
    fifo: bool = False
    """Whether messages of a group are delivered in the order they were sent in, each once. Its queues have to
    be FIFO queues."""
    content_deduplication: bool = False
    """FIFO only: whether two messages of the same text within 5 minutes are one. Otherwise each publisher has
    to give every message a deduplication id."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the messages at rest; the account's own `aws/sns` key when absent, with which no
    other AWS service can publish."""

    def __post_init__(self) -> None:
        check_types(self)
        value = self.content_deduplication
        check(self.fifo or not value, "content_deduplication", value, "set fifo=True as well")


class Topic(Component):
    """A topic that is encrypted and refuses what is published without TLS.

    Queues that it sends to name it in their `senders`, then a `Subscription` joins the two; `FanOut` does all
    of it at once.

    Example:
        >>> topic = Topic("orders-placed", TopicArgs(context=context))
        >>> queue = Queue("billing", QueueArgs(context=context, senders={"orders-placed": topic.arn}))
    """

    token = "understudy:messaging:Topic"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the topic."""
    physical_name: pulumi.Output[str]
    """Name of the topic in SNS."""
    topic: aws.sns.Topic
    """The topic itself."""

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name, self._kms_key_arn = name, args.kms_key_arn
        limit = naming.SNS_FIFO_TOPIC if args.fifo else naming.SNS_TOPIC
        self.topic = aws.sns.Topic(
            name,
            name=args.context.name(limit, name, "topic"),
            fifo_topic=args.fifo,
            content_based_deduplication=args.content_deduplication if args.fifo else None,
            kms_master_key_id=_DEFAULT_KEY if args.kms_key_arn is None else args.kms_key_arn,
            # Signatures of version 1 are made with SHA-1.
            signature_version=2,
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        # SNS takes no `sns:*` in a topic's policy; publishing is all that comes from outside.
        refusal = {**deny_plain_text("sns", [self.topic.arn]), "Action": "sns:Publish"}
        aws.sns.TopicPolicy(f"{name}-policy", arn=self.topic.arn, policy=document(refusal), opts=self.child())
        self.arn = self.topic.arn
        self.physical_name = self.topic.name
        self.register()

    def published(self) -> Use:
        """That a service publishes messages to the topic."""
        return Use(subject=self._name, grants=self.grant_publish(sid("PublishTopic", self._name)))

    def grant_publish(self, sid: str) -> list[Grant]:
        """What a service needs to publish messages, and the key where there is one."""
        grants = [Grant(sid=sid, actions=("sns:Publish",), resources=[self.arn])]
        if self._kms_key_arn is not None:
            actions = ("kms:Decrypt", "kms:GenerateDataKey")
            grants.append(Grant(sid=f"{sid}Key", actions=actions, resources=[self._kms_key_arn]))
        return grants
