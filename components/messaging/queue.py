"""An SQS queue that loses nothing: with a dead-letter queue and alarms on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check, check_range
from components.component import Component
from components.context import Context
from components.messaging.senders import check_senders, topic_statement
from components.telemetry import Alarm, AlarmArgs, alarm_owner, check_runbook

_DAY = 86_400
_LONGEST_RETENTION = 14 * _DAY
_LONGEST_VISIBILITY = 43_200
_MESSAGE_LIMIT = 1_048_576
RUNBOOK = "docs/runbooks/queues.md"
"""What to do about an old message or a dead letter, when a program has no runbook of its own."""


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    """Arguments of `Queue`. All times are in seconds.

    Raises:
        InvalidArgument: a number outside of what SQS takes, or numbers that together lose messages: a dead
            letter that expires too early, a consumer that takes longer than its message stays hidden.
    """

    context: Context
    fifo: bool = False
    """Whether messages of a group are received in the order they were sent in, each exactly once."""
    content_deduplication: bool = False
    """FIFO only: whether two messages of the same text within 5 minutes are one. Otherwise each sender has to
    give every message a deduplication id."""
    high_throughput: bool = False
    """FIFO only: whether order and limits hold for each message group by itself."""
    visibility_timeout: int = 60
    """How long a message stays hidden from others once it was received: 0 to 43200 seconds."""
    consumer_timeout: int | None = None
    """How long the consumer may take for one message, 1 second or more, when that is known. A message has to
    stay hidden for longer, or it is worked on twice."""
    retention: int = 4 * _DAY
    """How long a message is kept: 60 seconds to 14 days."""
    dead_letter_retention: int = _LONGEST_RETENTION
    """How long a dead letter is kept; it counts from when the message was first sent."""
    receive_wait: int = 20
    """Seconds that a receive waits for a message: 0 to 20."""
    delay: int = 0
    """Seconds until a new message can be received: 0 to 900."""
    max_message_size: int = 262_144
    """Largest message in bytes: 1024 to 1048576."""
    max_receives: int = 5
    """How often a message is tried before it becomes a dead letter: 1 to 1000."""
    senders: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Topics that may send: a stable key, and the topic's ARN. A service gets `grant_send` instead."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the messages; SQS encrypts with a key of its own when absent. With `senders` the
    key's policy has to let SNS use it, see `delivery_key_statement`."""
    oldest_message_alarm: int = 900
    """Age in seconds of the oldest message at which the alarm goes off; less than the retention."""
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    """ARNs of what an alarm sets off, such as an SNS topic."""
    runbook: str = RUNBOOK
    """Where it is written what to do when an alarm goes off: https:// or a page below `docs/`."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("visibility_timeout", self.visibility_timeout, 0, _LONGEST_VISIBILITY, "seconds")
        check_range("retention", self.retention, 60, _LONGEST_RETENTION, "seconds")
        check_range("dead_letter_retention", self.dead_letter_retention, 60, _LONGEST_RETENTION, "seconds")
        check_range("receive_wait", self.receive_wait, 0, 20, "seconds")
        check_range("delay", self.delay, 0, 900, "seconds")
        check_range("max_message_size", self.max_message_size, 1024, _MESSAGE_LIMIT, "bytes")
        check_range("max_receives", self.max_receives, 1, 1000, "receives")
        check_range("oldest_message_alarm", self.oldest_message_alarm, 60, _LONGEST_RETENTION, "seconds")
        for name in ("content_deduplication", "high_throughput"):
            check(self.fifo or not getattr(self, name), name, getattr(self, name), "set fifo=True as well")
        check_senders(self.senders)
        check_runbook(self.runbook)
        self._check_times()

    def _check_times(self) -> None:
        """Refuse times that are each fine, and together lose messages or work on them twice."""
        longer = f"use at least the queue's retention of {self.retention} seconds"
        kept = self.dead_letter_retention
        check(kept >= self.retention, "dead_letter_retention", kept, longer)
        if self.consumer_timeout is not None:
            # "Set the visibility timeout to the maximum time it takes to process and delete a message":
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
            check_range("consumer_timeout", self.consumer_timeout, 1, _LONGEST_VISIBILITY - 1, "seconds")
            hidden = f"use more than the {self.consumer_timeout} seconds of consumer_timeout"
            enough = self.visibility_timeout > self.consumer_timeout
            check(enough, "visibility_timeout", self.visibility_timeout, hidden)
        tried = self.delay + self.visibility_timeout * self.max_receives
        fails = (
            f"use more than the {tried} seconds that {self.max_receives} receives take, or it expires before"
        )
        check(self.retention > tried, "retention", self.retention, fails)
        oldest = self.oldest_message_alarm
        sooner = f"use less than the {self.retention} seconds of retention, or it never goes off"
        check(oldest < self.retention, "oldest_message_alarm", oldest, sooner)


class Queue(Component):
    """A queue and its dead-letter queue, both encrypted and refusing plain text.

    Two alarms come with it: the oldest message has waited too long, and there is a dead letter. The queue has
    one policy, made here, so topics that send to it are named in `senders`; a second `QueuePolicy` would
    take the place of this one.

    Example:
        >>> queue = Queue("orders", QueueArgs(context=context, visibility_timeout=90, consumer_timeout=60))
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
        self._name, self._args = name, args
        self.dead_letter_queue = self._queue(
            "dlq", f"{name}-dead-letter", message_retention_seconds=args.dead_letter_retention
        )
        self.queue = self._queue(
            "queue",
            name,
            visibility_timeout_seconds=args.visibility_timeout,
            message_retention_seconds=args.retention,
            receive_wait_time_seconds=args.receive_wait,
            delay_seconds=args.delay,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": self.dead_letter_queue.arn, "maxReceiveCount": args.max_receives}
            ),
        )
        aws.sqs.RedriveAllowPolicy(
            f"{name}-redrive-allow",
            queue_url=self.dead_letter_queue.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [self.queue.arn]}
            ),
            opts=self.child(),
        )
        # By way of the policies: whoever takes an ARN comes after a topic may send there.
        self.arn = self._policy("policy", self.queue)
        self.dead_letter_arn = self._policy("dead-letter-policy", self.dead_letter_queue)
        self._alarm(
            role="oldest",
            queue=self.queue,
            metric="ApproximateAgeOfOldestMessage",
            threshold=args.oldest_message_alarm,
            description=f"The oldest message has waited for {args.oldest_message_alarm} seconds.",
        )
        self._alarm(
            role="dead",
            queue=self.dead_letter_queue,
            metric="ApproximateNumberOfMessagesVisible",
            threshold=1,
            description="A message could not be processed and is in the dead-letter queue.",
        )
        self.url = self.queue.url
        self.physical_name = self.queue.name
        self.dead_letter_url = self.dead_letter_queue.url
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

    def _queue(self, kind: str, name: str, **settings: Any) -> aws.sqs.Queue:
        args = self._args
        limit = naming.SQS_FIFO_QUEUE if args.fifo else naming.SQS_QUEUE
        if args.fifo:
            # Dead letters of a FIFO queue need a FIFO queue of the same kind.
            scope, rate = (
                ("messageGroup", "perMessageGroupId") if args.high_throughput else ("queue", "perQueue")
            )
            settings |= {
                "fifo_queue": True,
                "content_based_deduplication": args.content_deduplication,
                "deduplication_scope": scope,
                "fifo_throughput_limit": rate,
            }
        return aws.sqs.Queue(
            name,
            name=args.context.name(limit, self._name, kind),
            max_message_size=args.max_message_size,
            kms_master_key_id=args.kms_key_arn,
            # SQS refuses a queue that names both kinds of encryption.
            sqs_managed_sse_enabled=True if args.kms_key_arn is None else None,
            tags=args.context.tags(self.label),
            opts=self.child(),
            **settings,
        )

    def _policy(self, role: str, queue: aws.sqs.Queue) -> pulumi.Output[str]:
        """Make the queue's one policy; the queue's ARN, known once the policy is there."""
        senders = [topic_statement(key, arn, queue.arn) for key, arn in sorted(self._args.senders.items())]
        policy = aws.sqs.QueuePolicy(
            f"{self._name}-{role}",
            queue_url=queue.url,
            policy=document(deny_plain_text("sqs", [queue.arn]), *senders),
            opts=self.child(),
        )
        return pulumi.Output.all(queue.arn, policy.id).apply(lambda known: str(known[0]))

    def _alarm(
        self, *, role: str, queue: aws.sqs.Queue, metric: str, threshold: int, description: str
    ) -> None:
        args = self._args
        Alarm(
            f"{self._name}-{role}-alarm",
            AlarmArgs(
                context=args.context,
                owner=alarm_owner(args.context),
                runbook=args.runbook,
                description=description,
                namespace="AWS/SQS",
                metric=metric,
                dimensions={"QueueName": queue.name},
                threshold=threshold,
                # SQS stops sending the metric of a queue that is idle, which is no reason to wake anyone.
                missing_data="notBreaching",
                actions=args.alarm_actions,
                thing=self._name,
                kind=role,
            ),
            self.child(),
        )
