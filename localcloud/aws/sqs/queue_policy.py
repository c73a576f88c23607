"""The access policy of a queue."""

from __future__ import annotations

from localcloud.aws.base import read_from
from localcloud.aws.sqs.attribute_type import QueueAttribute
from localcloud.fields import JsonText, Text


class QueuePolicy(QueueAttribute):
    """An SQS queue's access policy."""

    token = "aws:sqs/queuePolicy:QueuePolicy"
    source = read_from("sqs/queue_policy.go", "0148137dc6fb802b97b74036846777ab15c0f9ad")
    key = "policy"
    attribute = "Policy"
    inputs = {"queueUrl": Text(required=True, force_new=True), "policy": JsonText(required=True)}
