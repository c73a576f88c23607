"""Queues and topics, and what goes wrong with them."""

from components.messaging.fan_out import FanOut, FanOutArgs, Subscriber
from components.messaging.queue import Queue, QueueArgs
from components.messaging.senders import delivery_key_statement
from components.messaging.subscription import Subscription, SubscriptionArgs
from components.messaging.topic import Topic, TopicArgs

__all__ = [
    "FanOut",
    "FanOutArgs",
    "Queue",
    "QueueArgs",
    "Subscriber",
    "Subscription",
    "SubscriptionArgs",
    "Topic",
    "TopicArgs",
    "delivery_key_statement",
]
