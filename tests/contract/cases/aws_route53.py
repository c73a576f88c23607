"""Cases of the Route 53 types."""

from __future__ import annotations

from typing import Any

from lifecycle import Case, Inputs, World

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"


def zone(world: World, name: str = "example.com") -> str:
    """A zone that is shared by the cases."""
    identity, _ = world.make(ZONE, {"name": name})
    return identity


def _other_comment(world: World, identity: str, _state: Inputs) -> None:
    world.client("route53").update_hosted_zone_comment(Id=identity, Comment="by hand")


def _change(world: World, action: str, identity: str, state: Inputs, *values: str) -> None:
    record: dict[str, Any] = {
        "Name": f"{state['fqdn']}.",
        "Type": state["type"],
        "TTL": 60,
        "ResourceRecords": [{"Value": value} for value in values],
    }
    world.client("route53").change_resource_record_sets(
        HostedZoneId=state["zoneId"],
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


CASES = [
    Case(
        token=ZONE,
        create=lambda w: {"name": f"{w.unique('zone')}.example.org", "tags": {"a": "b"}},
        update=lambda _w, i: {**i, "comment": "Ours", "tags": {"c": "d"}},
        replace=lambda w, i: {**i, "name": f"{w.unique('zone')}.example.org"},
        drift=_other_comment,
        drifted="comment",
        vanish=lambda w, identity, _s: w.client("route53").delete_hosted_zone(Id=identity),
        unread=("forceDestroy",),
        bad=[({"name": "a..b"}, "name"), ({"comment": "x" * 257}, "comment")],
    ),
    Case(
        token=RECORD,
        create=lambda w: {
            "zoneId": zone(w),
            "name": f"{w.unique('shop')}.example.com",
            "type": "A",
            "ttl": 60,
            "records": ["10.0.0.1"],
        },
        update=lambda _w, i: {**i, "records": ["10.0.0.1", "10.0.0.2"]},
        replace=lambda w, i: {**i, "name": w.unique("other")},
        drift=lambda w, identity, s: _change(w, "UPSERT", identity, s, "10.9.9.9"),
        drifted="records",
        vanish=lambda w, identity, s: _change(w, "DELETE", identity, s, "10.0.0.1"),
        unread=("allowOverwrite",),
        bad=[
            ({"type": "TXT"}, "type"),
            ({"ttl": -1}, "ttl"),
            ({"setIdentifier": "blue"}, "setIdentifier"),
            ({"records": None, "ttl": None}, "aliases"),
        ],
    ),
]
