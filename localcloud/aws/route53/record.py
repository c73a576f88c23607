"""Records of a zone."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.route53.names import DomainName, full, plain
from localcloud.fields import Block, Flag, Integer, ListOf, SetOf, Text
from localcloud.resource import Operation, Properties

_GONE: Final = ("NoSuchHostedZone",)
_NO_RECORD: Final = ("InvalidChangeBatch", "InvalidInput")
_TYPES: Final = ("A", "AAAA", "CAA", "CNAME", "DS", "MX", "NAPTR", "NS", "PTR", "SRV")


class Record(AwsType):
    """A record without a routing policy; its id is ``<zone>_<name>_<type>``.

    The official plugin changes the type in place and the id with it; here that is a replacement. TXT and SPF
    records, whose values are quoted on the way, are not implemented.
    """

    token = "aws:route53/record:Record"
    source = read_from("route53/record.go", "00655c1681ea1e49ab10cd32d3f8bee372b2095b")
    service = "route53"
    regional = False
    delete_before_replace = True
    inputs = {
        "aliases": ListOf(
            max_items=1,
            conflicts=("ttl",),
            element=Block(
                fields={
                    "evaluateTargetHealth": Flag(required=True),
                    "name": DomainName(required=True, min_length=1, max_length=1024),
                    "zoneId": Text(required=True, min_length=1, max_length=32),
                }
            ),
        ),
        "allowOverwrite": Flag(computed=True),
        "name": DomainName(required=True, force_new=True),
        "records": SetOf(element=Text()),
        "ttl": Integer(minimum=0, maximum=2_147_483_647, requires=("records",)),
        "type": Text(required=True, force_new=True, choices=_TYPES),
        "zoneId": Text(required=True, force_new=True, min_length=1),
    }
    outputs = ("fqdn",)
    exactly_one = (("aliases", "records"),)

    def make(self, operation: Operation, inputs: Properties) -> str:
        zone = inputs["zoneId"]
        name = full(inputs["name"], self._zone_name(zone, inputs))
        action = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
        self._change(zone, inputs, action, _wanted(name, inputs))
        return f"{zone}_{plain(inputs['name'])}_{inputs['type']}"

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        zone, rest = identity.split("_", maxsplit=1)
        name, kind = rest.rsplit("_", maxsplit=1)
        live = self._live(zone, name, kind, state)
        if live is None:
            return None
        found = {
            "aliases": _aliases(live),
            "allowOverwrite": state.get("allowOverwrite"),
            "fqdn": plain(live["Name"]),
            "name": state.get("name") or name,
            "records": [each["Value"] for each in live.get("ResourceRecords", [])] or None,
            "ttl": live.get("TTL"),
            "type": kind,
            "zoneId": zone,
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        name = full(new["name"], self._zone_name(new["zoneId"], new))
        self._change(new["zoneId"], new, "UPSERT", _wanted(name, new))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        live = self._live(state["zoneId"], state["name"], state["type"], state)
        if live is not None:
            attempt(
                (*_GONE, *_NO_RECORD),
                self.client(state).change_resource_record_sets,
                HostedZoneId=state["zoneId"],
                ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": live}]},
            )

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        live = self._live(inputs["zoneId"], inputs["name"], inputs["type"], inputs)
        if live is None or _parts(live) != _parts(_wanted(live["Name"], inputs)):
            return None
        return f"{inputs['zoneId']}_{plain(inputs['name'])}_{inputs['type']}"

    def _live(self, zone: str, name: str, kind: str, properties: Properties) -> dict[str, Any] | None:
        parent = self._zone_name(zone, properties)
        if parent is None:
            return None
        whole = full(name, parent)
        answer = attempt(
            _GONE,
            self.client(properties).list_resource_record_sets,
            HostedZoneId=zone,
            StartRecordName=f"{whole}.",
            StartRecordType=kind,
        )
        records = (answer or {}).get("ResourceRecordSets", [])
        matches = (each for each in records if plain(each["Name"]) == whole and each["Type"] == kind)
        return next(matches, None)

    def _zone_name(self, zone: str, properties: Properties) -> Any:
        answer = attempt(_GONE, self.client(properties).get_hosted_zone, Id=zone)
        return None if answer is None else answer["HostedZone"]["Name"]

    def _change(self, zone: str, inputs: Properties, action: str, record: dict[str, Any]) -> None:
        self.client(inputs).change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        )


def _wanted(name: str, inputs: Properties) -> dict[str, Any]:
    record: dict[str, Any] = {"Name": f"{plain(name)}.", "Type": inputs["type"]}
    if inputs.get("aliases"):
        (alias,) = inputs["aliases"]
        record["AliasTarget"] = {
            "DNSName": alias["name"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
            "HostedZoneId": alias["zoneId"],
        }
        return record
    values = [{"Value": value} for value in inputs["records"]]
    return {**record, "TTL": inputs.get("ttl") or 0, "ResourceRecords": values}


def _parts(record: dict[str, Any]) -> tuple[Any, ...]:
    values = sorted(each["Value"] for each in record.get("ResourceRecords", []))
    alias = record.get("AliasTarget") or {}
    return values, record.get("TTL"), plain(alias.get("DNSName", "")), alias.get("HostedZoneId")


def _aliases(live: dict[str, Any]) -> list[dict[str, Any]] | None:
    target = live.get("AliasTarget")
    if not target:
        return None
    return [
        {
            "evaluateTargetHealth": target["EvaluateTargetHealth"],
            "name": plain(target["DNSName"]),
            "zoneId": target["HostedZoneId"],
        }
    ]
