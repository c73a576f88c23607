"""Local types of SQS: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:sqs/queue:Queue": "localcloud.aws.sqs.queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy": "localcloud.aws.sqs.queue_policy:QueuePolicy",
    "aws:sqs/redrivePolicy:RedrivePolicy": "localcloud.aws.sqs.redrive_policy:RedrivePolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": (
        "localcloud.aws.sqs.redrive_allow_policy:RedriveAllowPolicy"
    ),
}
