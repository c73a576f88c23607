"""What the EC2 types share: tags in the create call, retagging, and looking things up by id or tag."""

from __future__ import annotations

from typing import Any, ClassVar

from localcloud.aws.base import AwsType, attempt
from localcloud.aws.tags import TagChange, Tags, from_list, to_list
from localcloud.resource import Operation, Properties


class Ec2Type(AwsType):
    """A type of EC2. `tag_kind`: what tag specifications call it, such as ``route-table``."""

    service = "ec2"
    tag_kind: ClassVar[str] = ""

    def tag_specifications(self, inputs: Properties) -> list[dict[str, Any]]:
        """Return the ``TagSpecifications`` of a create call; empty when nothing is to be tagged."""
        tags = self.wanted_tags(inputs)
        return [{"ResourceType": self.tag_kind, "Tags": to_list(tags)}] if tags else []

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.drop:
            client.delete_tags(Resources=[identity], Tags=[{"Key": key} for key in change.drop])
        if change.put:
            client.create_tags(Resources=[identity], Tags=to_list(change.put))

    def tag_filters(self, inputs: Properties) -> list[dict[str, Any]]:
        """Return filters that match only things that bear all wanted tags."""
        return [
            {"Name": f"tag:{key}", "Values": [_literal(value)]}
            for key, value in self.wanted_tags(inputs).items()
        ]


def filters(**criteria: str) -> list[dict[str, Any]]:
    """Return EC2 filters; an underscore in a name stands for a dash.

    >>> filters(vpc_id="vpc-1")
    [{'Name': 'vpc-id', 'Values': ['vpc-1']}]
    """
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in criteria.items()]


def first(gone: str, call: Any, key: str, **arguments: Any) -> dict[str, Any] | None:
    """Return the first thing under `key` of the answer; None when there is none or the error is `gone`."""
    answer = attempt([gone], call, **arguments)
    found = answer[key] if answer is not None else []
    return found[0] if found else None


def tags_of(thing: dict[str, Any]) -> Tags:
    """Return the tags of a thing that EC2 described."""
    return from_list(thing.get("Tags"))


def on(value: object) -> dict[str, object]:
    """Return an attribute as EC2's modify calls take it."""
    return {"Value": value}


def _literal(value: str) -> str:
    """Escape what a filter would take for a wildcard."""
    return value.replace("\\", "\\\\").replace("*", "\\*").replace("?", "\\?")
