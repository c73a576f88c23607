"""A permission that a component offers and a service takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.argument_types import check_types
from components.checks import check, check_match


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One statement of an IAM policy: exact actions on exact resources.

    Example:
        >>> Grant(sid="ReadOrders", actions=("sqs:ReceiveMessage",), resources=("arn:aws:sqs:…:orders",))

    Raises:
        InvalidArgument: an action with a wildcard, no action, no resource, or a `*` for a resource.
    """

    sid: str
    """Name of the statement: letters and digits."""
    actions: tuple[str, ...]
    """Actions by their full names; a wildcard is refused, as nobody can say what it will allow."""
    resources: Sequence[pulumi.Input[str]]
    """ARNs of what the actions may touch."""
    conditions: dict[str, dict[str, Any]] | None = None
    """IAM conditions, when there are any."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("sid", self.sid, r"[A-Za-z0-9]+", "use letters and digits")
        check(bool(self.actions), "actions", self.actions, "name at least one action")
        for action in self.actions:
            check_match("actions", action, r"[a-z0-9-]+:[A-Za-z]+", "name each action, without a wildcard")
        check(bool(self.resources), "resources", self.resources, "name at least one ARN")
        check("*" not in [r for r in self.resources if isinstance(r, str)], "resources", "*", "name the ARNs")

    def statement(self) -> dict[str, Any]:
        """The statement as IAM reads it."""
        statement: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.conditions:
            statement["Condition"] = self.conditions
        return statement
