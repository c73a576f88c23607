"""One topic and the queues that get copies of its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pulumi

from components.access import Use
from components.argument_types import check_types
from components.checks import check, check_match
from components.component import Component
from components.context import Context
from components.messaging.filters import ATTRIBUTES, Policy
from components.messaging.queue import Queue, QueueArgs
from components.messaging.subscription import Subscription, SubscriptionArgs
from components.messaging.topic import Topic, TopicArgs

_KEY = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """One queue of a fan-out, and which messages it gets.

    Raises:
        InvalidArgument: a filter that SNS would refuse, or a scope that it does not know.
    """

    queue: QueueArgs
    """The queue; the fan-out adds its topic to the senders, and its own context holds for all."""
    filter: Policy | None = None
    """Which messages are wanted, as SNS's filter policy; all of them when absent."""
    filter_scope: str = ATTRIBUTES
    """What the filter looks at: `MessageAttributes` or `MessageBody`."""
    raw: bool = True
    """Whether the queue gets the message as it was published."""

    def __post_init__(self) -> None:
        check_types(self)
        self.subscription("", "", "")

    def subscription(
        self, topic: pulumi.Input[str], queue: pulumi.Input[str], dead_letters: pulumi.Input[str]
    ) -> SubscriptionArgs:
        """The arguments of the subscription that joins a topic and this queue."""
        return SubscriptionArgs(
            context=self.queue.context,
            topic_arn=topic,
            queue_arn=queue,
            dead_letter_arn=dead_letters,
            filter=self.filter,
            filter_scope=self.filter_scope,
            raw=self.raw,
        )


@dataclass(frozen=True, kw_only=True)
class FanOutArgs:
    """Arguments of `FanOut`.

    Raises:
        InvalidArgument: no subscriber, a key that no queue could be named after, or a queue that does not go
            with the topic.
    """

    context: Context
    subscribers: Mapping[str, Subscriber]
    """The queues by stable keys, such as `billing`; the key becomes part of the queue's name."""
    fifo: bool = False
    """Whether order is kept; then every queue has to be a FIFO queue, and otherwise none."""
    content_deduplication: bool = False
    """FIFO only: whether two messages of the same text within 5 minutes are one."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the messages in the topic; the queues have their own arguments."""

    def __post_init__(self) -> None:
        check_types(self)
        check(bool(self.subscribers), "subscribers", dict(self.subscribers), "name at least one queue")
        for key, subscriber in self.subscribers.items():
            check_match("subscribers", key, _KEY, "use keys of a-z, 0-9 and single hyphens, a letter first")
            queue = subscriber.queue
            # SNS delivers from a standard topic to no FIFO queue; to a standard queue, order would be lost.
            check(
                queue.fifo == self.fifo,
                f"subscribers[{key}][queue][fifo]",
                queue.fifo,
                f"use fifo={self.fifo} as the topic has",
            )
            free = _SENDER not in queue.senders
            check(free, f"subscribers[{key}][queue][senders]", _SENDER, "leave the fan-out's own topic out")
        self.topic()

    def topic(self) -> TopicArgs:
        """The arguments of the topic."""
        return TopicArgs(
            context=self.context,
            fifo=self.fifo,
            content_deduplication=self.content_deduplication,
            kms_key_arn=self.kms_key_arn,
        )


_SENDER = "topic"


class FanOut(Component):
    """A topic, and for each subscriber a queue with dead letters and alarms, and its filtered subscription.

    Example:
        >>> fan_out = FanOut("placed", FanOutArgs(context=context, subscribers={
        ...     "billing": Subscriber(queue=QueueArgs(context=context), filter={"kind": ["order"]}),
        ...     "search": Subscriber(queue=QueueArgs(context=context))}))
        >>> fan_out.queues["billing"].consumed()
    """

    token = "understudy:messaging:FanOut"  # noqa: S105 - a type token

    topic_arn: pulumi.Output[str]
    """ARN of the topic to publish to."""
    queue_urls: pulumi.Output[dict[str, str]]
    """URL of each queue by its subscriber's key."""
    topic: Topic
    """The topic's component."""
    queues: dict[str, Queue]
    """Each queue's component by its subscriber's key, to grant consuming it."""
    subscriptions: dict[str, Subscription]
    """Each subscription's component by its subscriber's key."""

    def __init__(self, name: str, args: FanOutArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.topic = Topic(name, args.topic(), self.child())
        self.queues, self.subscriptions = {}, {}
        for key, subscriber in sorted(args.subscribers.items()):
            full = f"{name}-{key}"
            senders = {**subscriber.queue.senders, _SENDER: self.topic.arn}
            settings = replace(subscriber.queue, context=args.context, senders=senders)
            queue = Queue(full, settings, self.child())
            joined = subscriber.subscription(self.topic.arn, queue.arn, queue.dead_letter_arn)
            self.queues[key] = queue
            self.subscriptions[key] = Subscription(f"{full}-subscription", joined, self.child())
        self.topic_arn = self.topic.arn
        self.queue_urls = pulumi.Output.all(**{key: queue.url for key, queue in self.queues.items()})
        self.register()

    def published(self) -> Use:
        """That a service publishes messages to all subscribers."""
        return self.topic.published()
