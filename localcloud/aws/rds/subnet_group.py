"""The subnets that database instances may be in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import prefix_input
from localcloud.aws.rds.tagging import RdsType
from localcloud.aws.tags import to_list
from localcloud.fields import Autoname, SetOf, Text
from localcloud.resource import LocalError, Operation, Properties

_NOT_FOUND: Final = ("DBSubnetGroupNotFoundFault",)
_NAME_LIMIT: Final = 255
_NAME: Final = r"[ .0-9a-z_-]+"


def _name(value: str) -> str | None:
    return "must not be 'default'" if value.lower() == "default" else None


class SubnetGroup(RdsType):
    """A group of subnets for RDS; its id is its name."""

    token = "aws:rds/subnetGroup:SubnetGroup"
    source = read_from("rds/subnet_group.go", "01c08000ddb14181b5bd19201d8fca311dc570e4")
    kind = "subgrp"
    taggable = True
    inputs = {
        "description": Text(default="Managed by Pulumi"),
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=_NAME,
            check=_name,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=_NAME),
        "subnetIds": SetOf(required=True, element=Text()),
    }
    outputs = ("arn", "supportedNetworkTypes", "vpcId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        # moto would put the new group in the place of one that exists.
        if attempt(_NOT_FOUND, client.describe_db_subnet_groups, DBSubnetGroupName=name):
            raise LocalError(f"DB subnet group {name} exists already; import it or choose another name")
        client.create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=inputs["description"],
            SubnetIds=inputs["subnetIds"],
            Tags=to_list(self.wanted_tags(inputs)),
        )
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(_NOT_FOUND, client.describe_db_subnet_groups, DBSubnetGroupName=identity)
        if not answer:
            return None
        group = answer["DBSubnetGroups"][0]
        found = {
            "arn": group["DBSubnetGroupArn"],
            "description": group["DBSubnetGroupDescription"],
            "name": group["DBSubnetGroupName"],
            "subnetIds": [each["SubnetIdentifier"] for each in group["Subnets"]],
            "supportedNetworkTypes": group.get("SupportedNetworkTypes") or ["IPV4"],
            "vpcId": group.get("VpcId"),
        }
        return self.live(state, found, self.tags_of(client, group["DBSubnetGroupArn"]))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.client(new).modify_db_subnet_group(
            DBSubnetGroupName=identity,
            DBSubnetGroupDescription=new["description"],
            SubnetIds=new["subnetIds"],
        )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_NOT_FOUND, self.client(state).delete_db_subnet_group, DBSubnetGroupName=identity)

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        groups = client.describe_db_subnet_groups()["DBSubnetGroups"]
        return [each["DBSubnetGroupName"] for each in groups if each["DBSubnetGroupName"].startswith(prefix)]
