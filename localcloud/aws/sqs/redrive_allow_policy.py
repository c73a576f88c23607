"""Which queues may send their dead letters to a queue."""

from __future__ import annotations

from localcloud.aws.base import read_from
from localcloud.aws.sqs.attribute_type import QueueAttribute
from localcloud.fields import JsonText, Text


class RedriveAllowPolicy(QueueAttribute):
    """An SQS dead-letter queue's list of queues that may use it."""

    token = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    source = read_from("sqs/queue_redrive_allow_policy.go", "0389eecfc28a5e2ac619651541a16d7fc289abf6")
    key = "redriveAllowPolicy"
    attribute = "RedriveAllowPolicy"
    inputs = {"queueUrl": Text(required=True, force_new=True), "redriveAllowPolicy": JsonText(required=True)}
