"""Attributes of a queue: reading and writing them past two peculiarities of moto.

moto drops a queue's policy whenever attributes are set without it, so every write sends the present policy
along. It has no place for RedriveAllowPolicy: that is kept in a tag, and `require_redrive_allowed` refuses
what SQS would refuse by it.
"""

from __future__ import annotations

import json
from typing import Any, Final

from localcloud.aws.base import attempt
from localcloud.aws.session import AwsSession
from localcloud.resource import LocalError

GONE: Final = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
ALLOW_TAG: Final = "understudy:redrive-allow-policy"

_ALLOW = "RedriveAllowPolicy"


def as_text(value: Any) -> str:
    """Return an attribute's value as SQS takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def read(client: Any, url: str) -> dict[str, str] | None:
    """Return the attributes of the queue `url`, or None when there is none."""
    answer = attempt(GONE, client.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
    return None if answer is None else answer.get("Attributes") or {}


def read_tags(client: Any, url: str) -> dict[str, str]:
    """Return the tags of the queue `url`, the one of `ALLOW_TAG` included."""
    return (attempt(GONE, client.list_queue_tags, QueueUrl=url) or {}).get("Tags") or {}


def read_one(client: Any, url: str, attribute: str) -> str | None:
    """Return one attribute that holds JSON, or None when the queue or the attribute is not there."""
    if attribute == _ALLOW:
        return read_tags(client, url).get(ALLOW_TAG)
    return (read(client, url) or {}).get(attribute) or None


def write(session: AwsSession, client: Any, url: str, changes: dict[str, str]) -> None:
    """Set attributes of the queue `url`; an empty text removes one that holds JSON."""
    changes = dict(changes)
    with session.lock(f"sqs {url}"):
        allow = changes.pop(_ALLOW, None)
        if allow:
            client.tag_queue(QueueUrl=url, Tags={ALLOW_TAG: allow})
        elif allow is not None:
            client.untag_queue(QueueUrl=url, TagKeys=[ALLOW_TAG])
        if not changes:
            return
        if "Policy" not in changes:
            present = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            policy = (present.get("Attributes") or {}).get("Policy")
            if policy:
                changes["Policy"] = policy
        client.set_queue_attributes(QueueUrl=url, Attributes=changes)


def require_redrive_allowed(client: Any, source_arn: str, redrive_policy: str) -> None:
    """Raise LocalError if the dead-letter queue of `redrive_policy` takes no messages of `source_arn`."""
    policy = json.loads(redrive_policy)
    target = policy.get("deadLetterTargetArn") if isinstance(policy, dict) else None
    if not isinstance(target, str):
        return
    answer = attempt(GONE, client.get_queue_url, QueueName=target.rsplit(":", 1)[-1])
    allow = read_tags(client, answer["QueueUrl"]).get(ALLOW_TAG) if answer else None
    if allow and not redrive_allowed(json.loads(allow), source_arn):
        raise LocalError(
            f"the dead-letter queue {target} does not take messages from {source_arn}: "
            "its redriveAllowPolicy forbids it; add the queue to sourceQueueArns there"
        )


def redrive_allowed(policy: dict[str, Any], source_arn: str) -> bool:
    """Tell whether a RedriveAllowPolicy lets the queue `source_arn` use its queue for dead letters.

    >>> redrive_allowed({"redrivePermission": "denyAll"}, "arn:aws:sqs:eu-central-1:123456789012:a")
    False
    """
    permission = policy.get("redrivePermission", "allowAll")
    if permission == "byQueue":
        return source_arn in policy.get("sourceQueueArns", [])
    return permission != "denyAll"
