"""S3: bucket policies whose conditions count.

moto refuses a request when the condition of a Deny statement is *not* met, which turns the usual "TLS only"
policy into "nobody". Here a statement applies only when its condition holds. What is known of a request is
`_REQUEST`; a statement with a condition on anything else does not apply.
"""

from __future__ import annotations

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

# The way to the local endpoint never leaves this machine, so it counts as secure although it is plain HTTP.
_REQUEST = {"aws:securetransport": "true"}
_EQUALITY = ("Bool", "BoolIfExists", "StringEquals", "StringEqualsIgnoreCase")


def install() -> None:
    """Put the evaluation in the place of moto's own."""
    FakeBucket.get_permission = _permission


def _permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    kept = [
        {key: value for key, value in each.items() if key != "Condition"}
        for each in statements
        if applies(each.get("Condition") or {})
    ]
    if not kept:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": kept})).is_action_permitted(action, resource)


def applies(condition: dict[str, Any]) -> bool:
    """Tell whether a statement's condition holds for a request to the local endpoint.

    >>> applies({"Bool": {"aws:SecureTransport": "false"}})
    False
    """
    return all(
        operator in _EQUALITY and _REQUEST.get(key.lower()) in _texts(wanted)
        for operator, tests in condition.items()
        for key, wanted in tests.items()
    )


def _texts(wanted: Any) -> list[str]:
    return [str(each).lower() for each in (wanted if isinstance(wanted, list) else [wanted])]
