"""Queues, and what goes wrong with them."""

from components.messaging.queue import Queue, QueueArgs

__all__ = ["Queue", "QueueArgs"]
