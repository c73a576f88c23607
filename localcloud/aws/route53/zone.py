"""Public hosted zones."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.route53.names import DomainName, bad_name, plain
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Flag, Text
from localcloud.resource import Operation, Properties

GONE: Final = ("NoSuchHostedZone",)
_PREFIX: Final = "/hostedzone/"
_OWN: Final = ("NS", "SOA")


class Zone(AwsType):
    """A public zone; its id is the one of Route 53. No name server on this machine serves it."""

    token = "aws:route53/zone:Zone"
    source = read_from("route53/zone.go", "036631a1dee59efb6d1986c0a19b373402bda29f")
    service = "route53"
    regional = False
    taggable = True
    inputs = {
        "comment": Text(default="Managed by Pulumi", max_length=256),
        "forceDestroy": Flag(default=False),
        "name": DomainName(
            force_new=True, min_length=1, max_length=1024, autoname=Autoname(limit=1024), check=bad_name
        ),
    }
    outputs = ("arn", "nameServers", "primaryNameServer", "zoneId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        answer = client.create_hosted_zone(
            Name=inputs["name"],
            CallerReference=_reference(operation, inputs),
            HostedZoneConfig={"Comment": inputs["comment"]},
        )
        identity = answer["HostedZone"]["Id"].removeprefix(_PREFIX)
        operation.made(identity, inputs)
        tags = self.wanted_tags(inputs)
        if tags:
            client.change_tags_for_resource(
                ResourceType="hostedzone", ResourceId=identity, AddTags=to_list(tags)
            )
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(GONE, client.get_hosted_zone, Id=identity)
        if answer is None:
            return None
        live = answer["HostedZone"]
        servers = answer.get("DelegationSet", {}).get("NameServers", [])
        tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=identity)
        found = {
            "arn": f"arn:{self.session.partition(self.session.region)}:route53:::hostedzone/{identity}",
            "comment": live.get("Config", {}).get("Comment", ""),
            "forceDestroy": state.get("forceDestroy", False),
            "name": plain(live["Name"]),
            "nameServers": sorted(servers),
            "primaryNameServer": servers[0] if servers else None,
            "zoneId": identity,
        }
        return self.live(state, found, from_list(tags["ResourceTagSet"].get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        if old.get("comment") != new["comment"]:
            self.client(new).update_hosted_zone_comment(Id=identity, Comment=new["comment"])

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        changes: dict[str, Any] = {}
        if change.put:
            changes["AddTags"] = to_list(change.put)
        if change.drop:
            changes["RemoveTagKeys"] = change.drop
        self.client(properties).change_tags_for_resource(
            ResourceType="hostedzone", ResourceId=identity, **changes
        )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        if state.get("forceDestroy"):
            self._empty(client, identity)
        attempt(GONE, client.delete_hosted_zone, Id=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        reference = _reference(operation, inputs)
        pages = self.client(inputs).get_paginator("list_hosted_zones").paginate()
        zones = (zone for page in pages for zone in page["HostedZones"])
        found = (each["Id"].removeprefix(_PREFIX) for each in zones if each["CallerReference"] == reference)
        return next(found, None)

    def _empty(self, client: Any, identity: str) -> None:
        answer = attempt(GONE, client.list_resource_record_sets, HostedZoneId=identity)
        changes = [
            {"Action": "DELETE", "ResourceRecordSet": record}
            for record in (answer or {}).get("ResourceRecordSets", [])
            if record["Type"] not in _OWN
        ]
        if changes:
            client.change_resource_record_sets(HostedZoneId=identity, ChangeBatch={"Changes": changes})


def _reference(operation: Operation, inputs: Properties) -> str:
    """What tells Route 53 one request from another, and later which one made a zone."""
    return hashlib.sha256(f"{operation.urn}\0{plain(inputs['name'])}".encode()).hexdigest()
