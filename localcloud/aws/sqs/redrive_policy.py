"""Where a queue sends messages that were received too often."""

from __future__ import annotations

from localcloud.aws.base import read_from
from localcloud.aws.sqs import attributes
from localcloud.aws.sqs.attribute_type import QueueAttribute
from localcloud.fields import JsonText, Text
from localcloud.resource import Properties


class RedrivePolicy(QueueAttribute):
    """An SQS queue's dead-letter queue and how often a message is received before it goes there."""

    token = "aws:sqs/redrivePolicy:RedrivePolicy"
    source = read_from("sqs/queue_redrive_policy.go", "18fc80b64733d85f8a2797c09547815503f27fe7")
    key = "redrivePolicy"
    attribute = "RedrivePolicy"
    inputs = {"queueUrl": Text(required=True, force_new=True), "redrivePolicy": JsonText(required=True)}

    def check_live(self, inputs: Properties) -> None:
        source = self.arn(inputs, inputs["queueUrl"].rsplit("/", 1)[-1])
        attributes.require_redrive_allowed(self.client(inputs), source, inputs["redrivePolicy"])
