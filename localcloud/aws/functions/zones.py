"""aws:index/getAvailabilityZones:getAvailabilityZones."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import AwsFunction, read_from
from localcloud.fields import Block, Flag, SetOf, Text
from localcloud.resource import Properties

_FILTER = Block(fields={"name": Text(required=True), "values": SetOf(element=Text(), required=True)})


class GetAvailabilityZones(AwsFunction):
    """The zones of a region, in the order of their names."""

    token = "aws:index/getAvailabilityZones:getAvailabilityZones"
    source = read_from(
        "ec2/ec2_availability_zones_data_source.go", "01606926a0c0ab9174aec440f976a48b0baee722"
    )
    inputs = {
        "allAvailabilityZones": Flag(),
        "excludeNames": SetOf(element=Text()),
        "excludeZoneIds": SetOf(element=Text()),
        "filters": SetOf(element=_FILTER),
        "region": Text(),
        "state": Text(choices=("available", "information", "impaired", "unavailable", "constrained")),
    }

    def call(self, arguments: Properties) -> Properties:
        region = arguments.get("region") or self.session.region
        filters = [
            {"Name": each["name"], "Values": each["values"]} for each in arguments.get("filters") or []
        ]
        if arguments.get("state"):
            filters.append({"Name": "state", "Values": [arguments["state"]]})
        request: dict[str, Any] = {"Filters": filters} if filters else {}
        if arguments.get("allAvailabilityZones") is not None:
            request["AllAvailabilityZones"] = arguments["allAvailabilityZones"]
        answer = self.session.client("ec2", region).describe_availability_zones(**request)
        excluded = {*(arguments.get("excludeNames") or []), *(arguments.get("excludeZoneIds") or [])}
        zones = sorted(
            (
                zone
                for zone in answer["AvailabilityZones"]
                if zone["ZoneName"] not in excluded and zone["ZoneId"] not in excluded
            ),
            key=lambda zone: zone["ZoneName"],
        )
        groups = {zone["GroupName"] for zone in zones if zone.get("GroupName")}
        return {
            **arguments,
            "groupNames": sorted(groups),
            "id": region,
            "names": [zone["ZoneName"] for zone in zones],
            "region": region,
            "zoneIds": [zone["ZoneId"] for zone in zones],
        }
