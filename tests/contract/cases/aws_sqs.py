"""Cases of the SQS types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, Inputs, World

QUEUE = "aws:sqs/queue:Queue"


def _policy(world: World, action: str = "sqs:SendMessage") -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "a",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{world.account}:root"},
                    "Action": action,
                    "Resource": "*",
                }
            ],
        }
    )


def _queue(world: World, name: str) -> tuple[str, Inputs]:
    url, state = world.make(QUEUE, {"name": world.unique(name)})
    return url, state


def _dead(world: World, count: int = 3) -> str:
    _, state = world.make(QUEUE, {"name": "dead-letters"})
    return json.dumps({"deadLetterTargetArn": state["arn"], "maxReceiveCount": count})


def _set(world: World, url: str, **attributes: Any) -> None:
    world.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=attributes)


def _delete(world: World, url: str, _state: Inputs) -> None:
    world.client("sqs").delete_queue(QueueUrl=url)


_BAD: list[tuple[Inputs, str]] = [
    ({"delaySeconds": 901}, "delaySeconds"),
    ({"visibilityTimeoutSeconds": 43_201}, "visibilityTimeoutSeconds"),
    ({"messageRetentionSeconds": 59}, "messageRetentionSeconds"),
    ({"maxMessageSize": 1023}, "maxMessageSize"),
    ({"kmsDataKeyReusePeriodSeconds": 59}, "kmsDataKeyReusePeriodSeconds"),
    ({"name": "a.b"}, "name"),
    ({"fifoQueue": True, "name": "no-suffix"}, "name"),
    ({"contentBasedDeduplication": True}, "contentBasedDeduplication"),
    ({"deduplicationScope": "nothing"}, "deduplicationScope"),
    ({"policy": "{"}, "policy"),
    ({"namePrefix": "p"}, "name"),
    ({"kmsMasterKeyId": "alias/aws/sqs", "sqsManagedSseEnabled": True}, "kmsMasterKeyId"),
]

CASES = [
    Case(
        token=QUEUE,
        create=lambda w: {
            "name": w.unique("q"),
            "delaySeconds": 1,
            "visibilityTimeoutSeconds": 60,
            "sqsManagedSseEnabled": True,
            "policy": _policy(w),
            "redrivePolicy": _dead(w),
            "redriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"}),
            "tags": {"a": "b"},
        },
        update=lambda w, inputs: {
            **inputs,
            "delaySeconds": 5,
            "redrivePolicy": _dead(w, 7),
            "redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
            "tags": {"a": "c", "d": "e"},
        },
        replace=lambda w, inputs: {**inputs, "name": w.unique("r")},
        drift=lambda w, id, _state: _set(w, id, DelaySeconds="9"),
        drifted="delaySeconds",
        vanish=_delete,
        bad=_BAD,
    ),
    Case(
        token=QUEUE,
        create=lambda w: {
            "name": w.unique("q") + ".fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "deduplicationScope": "messageGroup",
            "fifoThroughputLimit": "perMessageGroupId",
            "kmsMasterKeyId": "alias/aws/sqs",
            "kmsDataKeyReusePeriodSeconds": 600,
        },
        update=lambda w, inputs: {
            **inputs,
            "contentBasedDeduplication": False,
            "kmsDataKeyReusePeriodSeconds": 900,
        },
        replace=lambda w, inputs: {key: value for key, value in inputs.items() if key in ("kmsMasterKeyId",)},
        drift=lambda w, id, _state: _set(w, id, KmsMasterKeyId="alias/other"),
        drifted="kmsMasterKeyId",
        vanish=_delete,
    ),
    Case(
        token=QUEUE,
        create=lambda w: {"namePrefix": w.unique("p"), "tags": {"unique": w.unique("t")}},
        replace=lambda w, inputs: {**inputs, "namePrefix": w.unique("p")},
        unread=("namePrefix",),
    ),
    Case(
        token="aws:sqs/queuePolicy:QueuePolicy",
        create=lambda w: {"queueUrl": _queue(w, "policy")[0], "policy": _policy(w)},
        update=lambda w, inputs: {**inputs, "policy": _policy(w, "sqs:ReceiveMessage")},
        replace=lambda w, inputs: {**inputs, "queueUrl": _queue(w, "other")[0]},
        drift=lambda w, id, _state: _set(w, id, Policy=_policy(w, "sqs:*")),
        drifted="policy",
        vanish=_delete,
        bad=[({"policy": "no JSON"}, "policy")],
    ),
    Case(
        token="aws:sqs/redrivePolicy:RedrivePolicy",
        create=lambda w: {"queueUrl": _queue(w, "redrive")[0], "redrivePolicy": _dead(w)},
        update=lambda w, inputs: {**inputs, "redrivePolicy": _dead(w, 8)},
        replace=lambda w, inputs: {**inputs, "queueUrl": _queue(w, "other")[0]},
        drift=lambda w, id, _state: _set(w, id, RedrivePolicy=_dead(w, 9)),
        drifted="redrivePolicy",
        vanish=_delete,
        bad=[({"redrivePolicy": "no JSON"}, "redrivePolicy")],
    ),
    Case(
        token="aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        create=lambda w: {
            "queueUrl": _queue(w, "allow")[0],
            "redriveAllowPolicy": json.dumps({"redrivePermission": "allowAll"}),
        },
        update=lambda w, inputs: {
            **inputs,
            "redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
        },
        replace=lambda w, inputs: {**inputs, "queueUrl": _queue(w, "other")[0]},
        drift=lambda w, id, _state: w.client("sqs").tag_queue(
            QueueUrl=id, Tags={"understudy:redrive-allow-policy": '{"redrivePermission":"byQueue"}'}
        ),
        drifted="redriveAllowPolicy",
        vanish=_delete,
        bad=[({"redriveAllowPolicy": "no JSON"}, "redriveAllowPolicy")],
    ),
]
