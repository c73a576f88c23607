"""Cases of the DynamoDB types."""

from __future__ import annotations

from typing import Any

from lifecycle import Case, Inputs, World

TABLE = "aws:dynamodb/table:Table"


def _attributes(**types: str) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in types.items()]


def _index(name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "hashKey": key, "projectionType": "ALL", **more}


def _key(world: World) -> str:
    return world.make("aws:kms/key:Key", {"description": "tables"})[1]["arn"]


def _on_demand(world: World) -> Inputs:
    return {
        "name": world.unique("table"),
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "order",
        "rangeKey": "line",
        "attributes": _attributes(order="S", line="N", customer="S", sku="S"),
        "globalSecondaryIndexes": [
            _index("by-customer", "customer", rangeKey="line"),
            _index("by-sku", "sku", projectionType="INCLUDE", nonKeyAttributes=["price", "count"]),
        ],
        "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 7},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": _key(world)},
        "streamEnabled": True,
        "streamViewType": "KEYS_ONLY",
        "ttl": {"attributeName": "expires", "enabled": True},
        "tags": {"a": "b"},
    }


def _changed(_world: World, inputs: Inputs) -> Inputs:
    return {
        **inputs,
        "attributes": _attributes(order="S", line="N", customer="S", region="S"),
        # One stays by name with other keys, one goes, one comes.
        "globalSecondaryIndexes": [_index("by-customer", "customer"), _index("by-region", "region")],
        "pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 35},
        "serverSideEncryption": {"enabled": False},
        "streamViewType": "NEW_IMAGE",
        "ttl": {"attributeName": "ends", "enabled": True},
        "tags": {"c": "d"},
    }


def _provisioned(world: World) -> Inputs:
    return {
        "name": world.unique("table"),
        "hashKey": "order",
        "readCapacity": 5,
        "writeCapacity": 5,
        "attributes": _attributes(order="S", customer="S"),
        "globalSecondaryIndexes": [_index("by-customer", "customer", readCapacity=2, writeCapacity=2)],
    }


def _resized(_world: World, inputs: Inputs) -> Inputs:
    index = _index("by-customer", "customer", readCapacity=4, writeCapacity=3)
    return {**inputs, "readCapacity": 7, "globalSecondaryIndexes": [index], "streamEnabled": False}


def _stop_expiry(world: World, id: str, state: Inputs) -> None:
    attribute = {"AttributeName": state["ttl"]["attributeName"], "Enabled": False}
    world.client("dynamodb").update_time_to_live(TableName=id, TimeToLiveSpecification=attribute)


CASES = [
    Case(
        token=TABLE,
        create=_on_demand,
        update=_changed,
        replace=lambda _w, i: {
            **i,
            "hashKey": "region",
            "attributes": _attributes(region="S", line="N", customer="S"),
        },
        drift=_stop_expiry,
        drifted="ttl",
        bad=[
            ({"name": "ab"}, "name"),
            ({"name": "a table"}, "name"),
            ({"hashKey": None}, "hashKey"),
            ({"attributes": _attributes(order="S", line="N", customer="S", sku="S", more="S")}, "attributes"),
            ({"attributes": _attributes(order="S", line="N", customer="S")}, "attributes"),
            ({"attributes": _attributes(order="X", line="N")}, "attributes[0].type"),
            ({"billingMode": "FREE"}, "billingMode"),
            ({"readCapacity": 1}, "readCapacity"),
            ({"streamViewType": None}, "streamViewType"),
            ({"streamEnabled": False}, "streamViewType"),
            ({"ttl": {"enabled": True}}, "ttl.attributeName"),
            (
                {"pointInTimeRecovery": {"enabled": True, "recoveryPeriodInDays": 36}},
                "pointInTimeRecovery.recoveryPeriodInDays",
            ),
            (
                {"serverSideEncryption": {"enabled": True, "kmsKeyArn": "key"}},
                "serverSideEncryption.kmsKeyArn",
            ),
            ({"localSecondaryIndexes": []}, "localSecondaryIndexes"),
            (
                {"globalSecondaryIndexes": [_index("one", "customer"), _index("one", "sku")]},
                "globalSecondaryIndexes",
            ),
            (
                {"globalSecondaryIndexes": [_index("one", "customer", nonKeyAttributes=["a"])]},
                "globalSecondaryIndexes[0].nonKeyAttributes",
            ),
        ],
    ),
    Case(
        token=TABLE,
        create=_provisioned,
        update=_resized,
        replace=lambda w, i: {**i, "name": w.unique("other")},
        drift=lambda w, id, _state: w.client("dynamodb").update_table(
            TableName=id, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}
        ),
        drifted="readCapacity",
        bad=[({"writeCapacity": None}, "writeCapacity"), ({"readCapacity": 0}, "readCapacity")],
    ),
]
