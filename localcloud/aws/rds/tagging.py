"""Tags of RDS things, which are all kept by ARN."""

from __future__ import annotations

from typing import Any

from localcloud.aws.names import NamedType
from localcloud.aws.tags import TagChange, Tags, from_list, to_list
from localcloud.resource import Operation, Properties


class RdsType(NamedType):
    """A type of RDS with a name, tags and an ARN ``…:<kind>:<name>``."""

    service = "rds"
    kind: str

    def arn_of(self, properties: Properties, name: str) -> str:
        """Return the ARN of the thing called `name`."""
        return self.arn(properties, f"{self.kind}:{name}")

    def tags_of(self, client: Any, arn: str) -> Tags:
        """Return the live tags."""
        return from_list(client.list_tags_for_resource(ResourceName=arn).get("TagList"))

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client, arn = self.client(properties), self.arn_of(properties, identity)
        if change.put:
            client.add_tags_to_resource(ResourceName=arn, Tags=to_list(change.put))
        if change.drop:
            client.remove_tags_from_resource(ResourceName=arn, TagKeys=change.drop)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if self.fetch(operation, name, inputs) else None
