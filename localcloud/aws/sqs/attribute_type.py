"""Types that are one JSON attribute of a queue."""

from __future__ import annotations

from typing import ClassVar

from localcloud.aws.base import AwsType
from localcloud.aws.sqs import attributes
from localcloud.resource import Operation, Properties


class QueueAttribute(AwsType):
    """One attribute `attribute` of a queue, under the input `key`; its id is the queue's URL."""

    service = "sqs"
    key: ClassVar[str]
    attribute: ClassVar[str]

    def check_live(self, inputs: Properties) -> None:
        """Raise LocalError for what SQS refuses and moto does not."""

    def make(self, operation: Operation, inputs: Properties) -> str:
        url = inputs["queueUrl"]
        self.check_live(inputs)
        attributes.write(self.session, self.client(inputs), url, {self.attribute: inputs[self.key]})
        return url

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        value = attributes.read_one(self.client(state), identity, self.attribute)
        return None if value is None else self.live(state, {"queueUrl": identity, self.key: value})

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.make(operation, new)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        if attributes.read_one(client, identity, self.attribute) is not None:
            attributes.write(self.session, client, identity, {self.attribute: ""})

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        value = attributes.read_one(self.client(inputs), inputs["queueUrl"], self.attribute)
        same = value is not None and self.inputs[self.key].same(inputs[self.key], value)
        return inputs["queueUrl"] if same else None
