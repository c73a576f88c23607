"""Subnets of caches."""

from __future__ import annotations

from typing import Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.elasticache.tagging import CacheType
from localcloud.aws.tags import to_list
from localcloud.fields import Autoname, SetOf, Text
from localcloud.resource import Operation, Properties

_GONE: Final = ("CacheSubnetGroupNotFoundFault",)
_NAME_LIMIT: Final = 255


class SubnetGroup(CacheType):
    """A group of subnets."""

    token = "aws:elasticache/subnetGroup:SubnetGroup"
    source = read_from("elasticache/subnet_group.go", "001b6364c1a3b3045e152f655440a6d47eb44a70")
    kind = "subnetgroup"
    taggable = True
    inputs = {
        "description": Text(default="Managed by Pulumi"),
        # The service keeps names in lower case.
        "name": Text(
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=r"[A-Za-z0-9 ._-]+",
            ignore_case=True,
            autoname=Autoname(limit=_NAME_LIMIT),
        ),
        "subnetIds": SetOf(element=Text(), required=True),
    }
    outputs = ("arn", "vpcId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        name = inputs["name"].lower()
        self.client(inputs).create_cache_subnet_group(
            CacheSubnetGroupName=name,
            CacheSubnetGroupDescription=inputs["description"],
            SubnetIds=inputs["subnetIds"],
            Tags=to_list(self.wanted_tags(inputs)),
        )
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(_GONE, client.describe_cache_subnet_groups, CacheSubnetGroupName=identity)
        if answer is None:
            return None
        live = answer["CacheSubnetGroups"][0]
        found = {
            "arn": live["ARN"],
            "description": live.get("CacheSubnetGroupDescription"),
            "name": identity,
            "subnetIds": sorted(each["SubnetIdentifier"] for each in live.get("Subnets") or []),
            "vpcId": live.get("VpcId"),
        }
        return self.live(state, found, self.tags_of(client, live["ARN"]))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.client(new).modify_cache_subnet_group(
            CacheSubnetGroupName=identity,
            CacheSubnetGroupDescription=new["description"],
            SubnetIds=new["subnetIds"],
        )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_GONE, self.client(state).delete_cache_subnet_group, CacheSubnetGroupName=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        name = inputs["name"].lower()
        found = attempt(_GONE, self.client(inputs).describe_cache_subnet_groups, CacheSubnetGroupName=name)
        return None if found is None else name
