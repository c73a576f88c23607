"""Topics."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.declared import generate_name
from localcloud.fields import Autoname, Failures, Flag, Integer, JsonText, Text
from localcloud.resource import CheckRequest, LocalError, Operation, Properties
from localcloud.values import UNKNOWN

GONE: Final = ("NotFound", "NotFoundException")
_NAME_LIMIT: Final = 256
_FIFO_SUFFIX: Final = ".fifo"

_ATTRIBUTES: Final = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
}


class Topic(NamedType):
    """A topic; its id is its ARN."""

    token = "aws:sns/topic:Topic"
    source = read_from("sns/topic.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    service = "sns"
    taggable = True
    inputs = {
        "contentBasedDeduplication": Flag(default=False),
        "deliveryPolicy": JsonText(),
        "displayName": Text(),
        "fifoTopic": Flag(default=False, force_new=True),
        "kmsMasterKeyId": Text(),
        "name": Text(
            computed=True, force_new=True, autoname=Autoname(limit=_NAME_LIMIT), conflicts=("namePrefix",)
        ),
        "namePrefix": prefix_input(_NAME_LIMIT),
        "policy": JsonText(computed=True),
        "signatureVersion": Integer(computed=True, minimum=1, maximum=2),
        "tracingConfig": Text(computed=True, choices=("Active", "PassThrough")),
    }
    outputs = ("arn", "owner")

    def suffix(self, inputs: Properties) -> str:
        return _FIFO_SUFFIX if inputs.get("fifoTopic") is True else ""

    def validate(self, inputs: Properties) -> Failures:
        fifo, name = inputs.get("fifoTopic"), inputs.get("name")
        if fifo is UNKNOWN:
            return []
        failures: Failures = []
        if isinstance(name, str):
            pattern = r"[0-9A-Za-z_-]{1,251}\.fifo" if fifo else r"[0-9A-Za-z_-]{1,256}"
            if not re.fullmatch(pattern, name):
                failures.append(("name", f"must match {pattern}, which {name!r} does not"))
        if not fifo and inputs.get("contentBasedDeduplication") is True:
            failures.append(
                ("contentBasedDeduplication", "can only be set for a FIFO topic (fifoTopic: true)")
            )
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        # Creating a topic that exists would silently take over one that belongs to somebody else.
        if self.named(operation, inputs, name) is not None:
            raise LocalError(f"the topic {name} exists already; import it or choose another name")
        first = {"FifoTopic": "true"} if inputs["fifoTopic"] else {}
        arn = client.create_topic(Name=name, Attributes=first, Tags=to_list(self.wanted_tags(inputs)))[
            "TopicArn"
        ]
        operation.made(arn, {"arn": arn, **inputs})
        self._set(arn, {}, inputs)
        return arn

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(GONE, client.get_topic_attributes, TopicArn=identity)
        if answer is None:
            return None
        live = answer["Attributes"]
        found: Properties = {key: live.get(theirs) or None for key, theirs in _ATTRIBUTES.items()}
        found |= {
            "arn": identity,
            "contentBasedDeduplication": live.get("ContentBasedDeduplication") == "true",
            "fifoTopic": live.get("FifoTopic") == "true",
            "name": identity.rsplit(":", 1)[-1],
            "owner": live.get("Owner"),
            "signatureVersion": int(live["SignatureVersion"]) if live.get("SignatureVersion") else None,
        }
        tags = client.list_tags_for_resource(ResourceArn=identity)["Tags"]
        return self.live(state, found, from_list(tags))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self._set(identity, old, new)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_resource(ResourceArn=identity, Tags=to_list(change.put))
        if change.drop:
            client.untag_resource(ResourceArn=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(GONE, self.client(state).delete_topic, TopicArn=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        arn = self.arn(inputs, name)
        return None if attempt(GONE, self.client(inputs).get_topic_attributes, TopicArn=arn) is None else arn

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_topics").paginate():
            found = (each["TopicArn"].rsplit(":", 1)[-1] for each in page["Topics"])
            yield from (name for name in found if name.startswith(prefix))

    def _set(self, arn: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        for key, theirs in _ATTRIBUTES.items():
            value, spec = new.get(key), self.inputs[key]
            if spec.same(old.get(key), value) or (value is None and spec.computed):
                continue
            if not old and value in (None, False):
                continue
            text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
            client.set_topic_attributes(TopicArn=arn, AttributeName=theirs, AttributeValue=text)

    def _autoname(self, request: CheckRequest, given: Properties) -> list[str]:
        generated = super()._autoname(request, given)
        fifo = given.get("fifoTopic") in (True, "true")
        if "name" in generated and fifo and not given["name"].endswith(_FIFO_SUFFIX):
            given["name"] = generate_name(request.name, request.seed, _NAME_LIMIT, _FIFO_SUFFIX)
        return generated
