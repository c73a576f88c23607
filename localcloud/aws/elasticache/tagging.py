"""Tags of ElastiCache things, which are all kept by ARN."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import AwsType
from localcloud.aws.tags import TagChange, Tags, from_list, to_list
from localcloud.resource import Operation, Properties


class CacheType(AwsType):
    """A type of ElastiCache with an ARN ``…:<kind>:<name>``; its id is its name."""

    service = "elasticache"
    kind: str

    def tags_of(self, client: Any, arn: str) -> Tags:
        """Return the live tags."""
        return from_list(client.list_tags_for_resource(ResourceName=arn).get("TagList"))

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client, arn = self.client(properties), self.arn(properties, f"{self.kind}:{identity}")
        if change.put:
            client.add_tags_to_resource(ResourceName=arn, Tags=to_list(change.put))
        if change.drop:
            client.remove_tags_from_resource(ResourceName=arn, TagKeys=change.drop)
