"""Queues."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.sqs import attributes
from localcloud.aws.tags import TagChange
from localcloud.declared import generate_name
from localcloud.fields import Autoname, Failures, Flag, Integer, JsonText, Text
from localcloud.resource import CheckRequest, Operation, Properties
from localcloud.values import UNKNOWN, has_unknown

_NAME_LIMIT: Final = 80
_FIFO_SUFFIX: Final = ".fifo"
_REUSE_SECONDS: Final = 300

# From input to attribute; name, policy of allowed sources and the rest of the inputs go other ways.
_ATTRIBUTES: Final = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}
_FIFO_ONLY: Final = ("contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit")


class Queue(NamedType):
    """An SQS queue, standard or FIFO.

    `redriveAllowPolicy` is kept in a tag of the queue, since moto has no place for it, and is enforced when a
    redrive policy is set through this plugin.
    """

    token = "aws:sqs/queue:Queue"
    source = read_from("sqs/queue.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    service = "sqs"
    taggable = True
    inputs = {
        "contentBasedDeduplication": Flag(default=False),
        "deduplicationScope": Text(computed=True, choices=("messageGroup", "queue")),
        "delaySeconds": Integer(default=0, minimum=0, maximum=900),
        "fifoQueue": Flag(default=False, force_new=True),
        "fifoThroughputLimit": Text(computed=True, choices=("perMessageGroupId", "perQueue")),
        "kmsDataKeyReusePeriodSeconds": Integer(computed=True, minimum=60, maximum=86_400),
        "kmsMasterKeyId": Text(conflicts=("sqsManagedSseEnabled",)),
        "maxMessageSize": Integer(default=262_144, minimum=1024, maximum=1_048_576),
        "messageRetentionSeconds": Integer(default=345_600, minimum=60, maximum=1_209_600),
        "name": Text(
            computed=True,
            force_new=True,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT),
        "policy": JsonText(computed=True),
        "receiveWaitTimeSeconds": Integer(default=0),
        "redriveAllowPolicy": JsonText(computed=True),
        "redrivePolicy": JsonText(computed=True),
        "sqsManagedSseEnabled": Flag(computed=True, conflicts=("kmsMasterKeyId",)),
        "visibilityTimeoutSeconds": Integer(default=30, minimum=0, maximum=43_200),
    }
    outputs = ("arn", "url")

    def suffix(self, inputs: Properties) -> str:
        return _FIFO_SUFFIX if inputs.get("fifoQueue") is True else ""

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        fifo, name = inputs.get("fifoQueue"), inputs.get("name")
        if fifo is UNKNOWN:
            return failures
        if isinstance(name, str):
            pattern = r"[0-9A-Za-z_-]{1,75}\.fifo" if fifo else r"[0-9A-Za-z_-]{1,80}"
            if not re.fullmatch(pattern, name):
                failures.append(("name", f"must match {pattern}, which {name!r} does not"))
        given = [each for each in _FIFO_ONLY if inputs.get(each) not in (None, False, UNKNOWN)]
        if not fifo:
            failures += [(each, "can only be set for a FIFO queue (fifoQueue: true)") for each in given]
        limit, scope = inputs.get("fifoThroughputLimit"), inputs.get("deduplicationScope")
        if limit == "perMessageGroupId" and scope not in ("messageGroup", UNKNOWN):
            failures.append(
                ("fifoThroughputLimit", "perMessageGroupId needs deduplicationScope to be messageGroup")
            )
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        if inputs.get("redrivePolicy"):
            attributes.require_redrive_allowed(client, self.arn(inputs, name), inputs["redrivePolicy"])
        wanted = {
            attribute: attributes.as_text(inputs[key])
            for key, attribute in _ATTRIBUTES.items()
            if inputs.get(key) is not None and (inputs.get("fifoQueue") or key not in _FIFO_ONLY)
        }
        if inputs.get("fifoQueue"):
            wanted["FifoQueue"] = "true"
        if wanted.get("KmsMasterKeyId"):
            wanted["SqsManagedSseEnabled"] = "false"
        wanted_tags = self.wanted_tags(inputs)
        allow = wanted.pop("RedriveAllowPolicy", "")
        if allow:
            wanted_tags[attributes.ALLOW_TAG] = allow
        answer = client.create_queue(QueueName=name, Attributes=wanted, tags=wanted_tags)
        return answer["QueueUrl"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        live = attributes.read(client, identity)
        if live is None:
            return None
        live_tags = attributes.read_tags(client, identity)
        allow = live_tags.pop(attributes.ALLOW_TAG, None)
        found: Properties = {
            key: _typed(self.inputs[key].parse, key, live[attribute])
            for key, attribute in _ATTRIBUTES.items()
            if live.get(attribute)
        }
        found |= {
            "arn": live.get("QueueArn"),
            "fifoQueue": live.get("FifoQueue") == "true",
            "name": identity.rsplit("/", 1)[-1],
            "redriveAllowPolicy": allow,
            "url": identity,
        }
        found.setdefault("contentBasedDeduplication", False)
        if "kmsDataKeyReusePeriodSeconds" not in found:
            # SQS tells it for queues encrypted with a KMS key only.
            found["kmsDataKeyReusePeriodSeconds"] = (
                state.get("kmsDataKeyReusePeriodSeconds") or _REUSE_SECONDS
            )
        return self.live(state, found, live_tags)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        changed = {
            attribute: attributes.as_text(new.get(key))
            for key, attribute in _ATTRIBUTES.items()
            if not self.inputs[key].same(old.get(key), new.get(key))
            and not (new.get(key) is None and self.inputs[key].computed)
        }
        if changed.get("KmsMasterKeyId"):
            changed["SqsManagedSseEnabled"] = "false"
        if changed.get("RedrivePolicy"):
            arn = self.arn(new, identity.rsplit("/", 1)[-1])
            attributes.require_redrive_allowed(self.client(new), arn, changed["RedrivePolicy"])
        attributes.write(self.session, self.client(new), identity, changed)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_queue(QueueUrl=identity, Tags=change.put)
        if change.drop:
            client.untag_queue(QueueUrl=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(attributes.GONE, self.client(state).delete_queue, QueueUrl=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        answer = attempt(attributes.GONE, self.client(inputs).get_queue_url, QueueName=name)
        return answer["QueueUrl"] if answer else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        urls = client.list_queues(QueueNamePrefix=prefix).get("QueueUrls") or []
        return [url.rsplit("/", 1)[-1] for url in urls]

    def _autoname(self, request: CheckRequest, given: Properties) -> list[str]:
        generated = super()._autoname(request, given)
        fifo = given.get("fifoQueue")
        if "name" in generated and not has_unknown(fifo):
            suffix = _FIFO_SUFFIX if fifo in (True, "true") else ""
            if given["name"].endswith(_FIFO_SUFFIX) != bool(suffix):
                given["name"] = generate_name(request.name, request.seed, _NAME_LIMIT, suffix)
        return generated


def _typed(parse: Callable[..., Any], key: str, text: str) -> Any:
    """Return an attribute's text as the input's own kind of value."""
    return parse(key, text, [])
