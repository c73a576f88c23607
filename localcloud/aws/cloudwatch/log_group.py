"""Log groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import TagChange
from localcloud.fields import Autoname, Flag, Integer, Text
from localcloud.resource import Operation, Properties

_GONE: Final = ("ResourceNotFoundException",)
_NAME_LIMIT: Final = 512
_NAME: Final = r"[.\-_/#A-Za-z0-9]+"
# What the service accepts, in days; 0 keeps logs for ever.
_RETENTION: Final = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180),
    *(365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class LogGroup(NamedType):
    """A log group; its id is its name."""

    token = "aws:cloudwatch/logGroup:LogGroup"
    source = read_from("logs/group.go", "0073593e7d6993ba482409f4dc35438daaa79bb3")
    service = "logs"
    taggable = True
    inputs = {
        "kmsKeyId": Text(),
        "name": Text(
            computed=True,
            force_new=True,
            min_length=1,
            max_length=_NAME_LIMIT,
            pattern=_NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=_NAME),
        "retentionInDays": Integer(default=0, choices=_RETENTION),
        "skipDestroy": Flag(default=False),
    }
    outputs = ("arn",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        key = {"kmsKeyId": inputs["kmsKeyId"]} if inputs.get("kmsKeyId") else {}
        client.create_log_group(logGroupName=name, tags=self.wanted_tags(inputs), **key)
        operation.made(name, inputs)
        if inputs["retentionInDays"]:
            client.put_retention_policy(logGroupName=name, retentionInDays=inputs["retentionInDays"])
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        groups = client.describe_log_groups(logGroupNamePrefix=identity)["logGroups"]
        live = next((each for each in groups if each["logGroupName"] == identity), None)
        if live is None:
            return None
        arn = live["arn"].removesuffix(":*")
        tags = attempt(_GONE, client.list_tags_log_group, logGroupName=identity) or {}
        found = {
            "arn": arn,
            "kmsKeyId": live.get("kmsKeyId"),
            "name": identity,
            "retentionInDays": live.get("retentionInDays", 0),
            "skipDestroy": state.get("skipDestroy", False),
        }
        return self.live(state, found, tags.get("tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        if old.get("retentionInDays", 0) != new["retentionInDays"]:
            if new["retentionInDays"]:
                client.put_retention_policy(logGroupName=identity, retentionInDays=new["retentionInDays"])
            else:
                client.delete_retention_policy(logGroupName=identity)
        if old.get("kmsKeyId") != new.get("kmsKeyId"):
            if new.get("kmsKeyId"):
                client.associate_kms_key(logGroupName=identity, kmsKeyId=new["kmsKeyId"])
            else:
                client.disassociate_kms_key(logGroupName=identity)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_log_group(logGroupName=identity, tags=change.put)
        if change.drop:
            client.untag_log_group(logGroupName=identity, tags=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        if not state.get("skipDestroy"):
            attempt(_GONE, self.client(state).delete_log_group, logGroupName=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if name in self.names(self.client(inputs), name) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        pages = client.get_paginator("describe_log_groups").paginate(
            **({"logGroupNamePrefix": prefix} if prefix else {})
        )
        return [group["logGroupName"] for page in pages for group in page["logGroups"]]
