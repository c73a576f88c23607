"""An SQS queue that loses nothing: with a dead-letter queue and alarms on both."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check, check_range
from components.component import Component
from components.context import Context

_DAY = 86_400
_LONGEST_RETENTION = 14 * _DAY


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """Arguments of `Queue`. All times are in seconds.

    Raises:
        InvalidArgument: a number outside of what SQS takes, or a dead letter that expires too early.
    """

    context: Context
    visibility_timeout: int = 60
    """How long a message stays hidden from others once it was received: 0 to 43200 seconds."""
    retention: int = 4 * _DAY
    """How long a message is kept: 60 seconds to 14 days."""
    dead_letter_retention: int = _LONGEST_RETENTION
    """How long a dead letter is kept; it counts from when the message was first sent."""
    receive_wait: int = 20
    """Seconds that a receive waits for a message: 0 to 20."""
    max_receives: int = 5
    """How often a message is tried before it becomes a dead letter: 1 to 1000."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the messages; SQS encrypts with a key of its own when absent."""
    oldest_message_alarm: int = 900
    """Age in seconds of the oldest message at which the alarm goes off."""
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    """ARNs of what an alarm sets off, such as an SNS topic."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("visibility_timeout", self.visibility_timeout, 0, 43_200, "seconds")
        check_range("retention", self.retention, 60, _LONGEST_RETENTION, "seconds")
        check_range("dead_letter_retention", self.dead_letter_retention, 60, _LONGEST_RETENTION, "seconds")
        check_range("receive_wait", self.receive_wait, 0, 20, "seconds")
        check_range("max_receives", self.max_receives, 1, 1000, "receives")
        check_range("oldest_message_alarm", self.oldest_message_alarm, 60, _LONGEST_RETENTION, "seconds")
        longer = f"use at least the queue's retention of {self.retention} seconds"
        check(
            self.dead_letter_retention >= self.retention,
            "dead_letter_retention",
            self.dead_letter_retention,
            longer,
        )


class Queue(Component):
    """A queue and its dead-letter queue, both encrypted and refusing plain text.

    Two alarms come with it: the oldest message has waited too long, and there is a dead letter.

    Example:
        >>> queue = Queue("orders", QueueArgs(context=context, visibility_timeout=30))
        >>> queue.url
    """

    token = "understudy:messaging:Queue"  # noqa: S105 - a type token

    url: pulumi.Output[str]
    """URL that messages are sent to and received from."""
    arn: pulumi.Output[str]
    """ARN of the queue."""
    physical_name: pulumi.Output[str]
    """Name of the queue in SQS."""
    dead_letter_url: pulumi.Output[str]
    """URL of the dead-letter queue."""
    dead_letter_arn: pulumi.Output[str]
    """ARN of the dead-letter queue."""
    queue: aws.sqs.Queue
    """The queue itself."""
    dead_letter_queue: aws.sqs.Queue
    """The dead-letter queue itself."""

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._kms_key_arn = args.kms_key_arn
        context = args.context
        tags = context.tags(self.label)
        # SQS refuses a queue that names both kinds of encryption.
        managed = True if args.kms_key_arn is None else None
        self.dead_letter_queue = aws.sqs.Queue(
            f"{name}-dead-letter",
            name=context.name(naming.SQS_QUEUE, name, "dlq"),
            message_retention_seconds=args.dead_letter_retention,
            kms_master_key_id=args.kms_key_arn,
            sqs_managed_sse_enabled=managed,
            tags=tags,
            opts=self.child(),
        )
        self.queue = aws.sqs.Queue(
            name,
            name=context.name(naming.SQS_QUEUE, name, "queue"),
            visibility_timeout_seconds=args.visibility_timeout,
            message_retention_seconds=args.retention,
            receive_wait_time_seconds=args.receive_wait,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letter_queue.arn, "maxReceiveCount": args.max_receives}
            ),
            kms_master_key_id=args.kms_key_arn,
            sqs_managed_sse_enabled=managed,
            tags=tags,
            opts=self.child(),
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-redrive-allow",
            queue_url=self.dead_letter_queue.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue.arn]}
            ),
            opts=self.child(),
        )
        for role, queue in (("policy", self.queue), ("dead-letter-policy", self.dead_letter_queue)):
            aws.sqs.QueuePolicy(
                f"{name}-{role}",
                queue_url=queue.url,
                policy=document(deny_plain_text("sqs", [queue.arn])),
                opts=self.child(),
            )
        self._alarm(
            name,
            args,
            role="oldest",
            queue=self.queue,
            metric="ApproximateAgeOfOldestMessage",
            threshold=args.oldest_message_alarm,
            description=f"The oldest message has waited for {args.oldest_message_alarm} seconds.",
        )
        self._alarm(
            name,
            args,
            role="dead",
            queue=self.dead_letter_queue,
            metric="ApproximateNumberOfMessagesVisible",
            threshold=1,
            description="A message could not be processed and is in the dead-letter queue.",
        )
        self.url = self.queue.url
        self.arn = self.queue.arn
        self.physical_name = self.queue.name
        self.dead_letter_url = self.dead_letter_queue.url
        self.dead_letter_arn = self.dead_letter_queue.arn
        self.register()

    def consumed(self) -> Use:
        """That a service takes its work from the queue."""
        grants = self.grant_consume(sid("ConsumeQueue", self._name))
        return Use(subject=self._name, grants=grants, queue=self.physical_name)

    def sent_to(self) -> Use:
        """That a service sends messages to the queue."""
        return Use(subject=self._name, grants=self.grant_send(sid("SendToQueue", self._name)))

    def rejected_to(self) -> Use:
        """That a service puts messages that it can't read straight into the dead-letter queue."""
        grants = self.grant_send_dead_letter(sid("RejectToQueue", self._name))
        return Use(subject=self._name, grants=grants)

    def grant_send(self, sid: str) -> list[Grant]:
        """What a service needs to send messages to the queue."""
        return self._grants(sid, ("sqs:SendMessage",), ("kms:Decrypt", "kms:GenerateDataKey"), self.arn)

    def grant_consume(self, sid: str) -> list[Grant]:
        """What a service needs to receive messages, put them back, and delete them when done."""
        actions = (
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        )
        return self._grants(sid, actions, ("kms:Decrypt",), self.arn)

    def grant_send_dead_letter(self, sid: str) -> list[Grant]:
        """What a service needs to put a message that it can't read straight into the dead-letter queue."""
        key_actions = ("kms:Decrypt", "kms:GenerateDataKey")
        return self._grants(sid, ("sqs:SendMessage",), key_actions, self.dead_letter_arn)

    def _grants(
        self, sid: str, actions: tuple[str, ...], key_actions: tuple[str, ...], arn: pulumi.Output[str]
    ) -> list[Grant]:
        grants = [Grant(sid=sid, actions=actions, resources=[arn])]
        if self._kms_key_arn is not None:
            grants.append(Grant(sid=f"{sid}Key", actions=key_actions, resources=[self._kms_key_arn]))
        return grants

    def _alarm(
        self,
        name: str,
        args: QueueArgs,
        *,
        role: str,
        queue: aws.sqs.Queue,
        metric: str,
        threshold: int,
        description: str,
    ) -> None:
        aws.cloudwatch.MetricAlarm(
            f"{name}-{role}-alarm",
            name=args.context.name(naming.ALARM, name, role),
            alarm_description=description,
            namespace="AWS/SQS",
            metric_name=metric,
            dimensions={"QueueName": queue.name},
            statistic="Maximum",
            period=60,
            evaluation_periods=1,
            threshold=threshold,
            comparison_operator="GreaterThanOrEqualToThreshold",
            # SQS stops sending the metric of a queue that is idle, which is no reason to wake anyone.
            treat_missing_data="notBreaching",
            alarm_actions=list(args.alarm_actions),
            ok_actions=list(args.alarm_actions),
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
