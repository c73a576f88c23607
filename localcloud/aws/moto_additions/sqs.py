"""SQS: setting one attribute of a queue leaves its policy alone.

moto drops a queue's policy whenever other attributes are set without it.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.sqs.models import Queue


def install() -> None:
    """Let a queue keep its policy unless the policy itself is set."""
    original = Queue._set_attributes
    if hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
        kept = getattr(self, "policy", None)
        original(self, attributes, now)
        if "Policy" not in attributes:
            self.policy = kept

    Queue._set_attributes = set_attributes
