"""The inputs of a table, what is wrong with them as a whole, and their form in the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from localcloud.aws.checks import arn
from localcloud.fields import Autoname, Block, Failures, Field, Flag, Integer, SetOf, Text
from localcloud.resource import Properties
from localcloud.values import UNKNOWN, has_unknown

PROVISIONED: Final = "PROVISIONED"
ON_DEMAND: Final = "PAY_PER_REQUEST"
_NAME_LIMIT: Final = 255
_NAME: Final = r"[A-Za-z0-9_.-]{3,255}"
_VIEWS: Final = ("KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE")
_CAPACITIES: Final = ("readCapacity", "writeCapacity")

_INDEX: Final = Block(
    fields={
        "hashKey": Text(min_length=1, max_length=_NAME_LIMIT),
        "name": Text(required=True, pattern=_NAME),
        "nonKeyAttributes": SetOf(element=Text()),
        "projectionType": Text(required=True, choices=("ALL", "INCLUDE", "KEYS_ONLY")),
        "rangeKey": Text(min_length=1, max_length=_NAME_LIMIT),
        "readCapacity": Integer(computed=True, minimum=1),
        "writeCapacity": Integer(computed=True, minimum=1),
    }
)

INPUTS: Final[Mapping[str, Field]] = {
    "attributes": SetOf(
        computed=True,
        element=Block(
            fields={
                "name": Text(required=True, min_length=1, max_length=_NAME_LIMIT),
                "type": Text(required=True, choices=("B", "N", "S")),
            }
        ),
    ),
    "billingMode": Text(default=PROVISIONED, choices=(ON_DEMAND, PROVISIONED)),
    "deletionProtectionEnabled": Flag(default=False),
    "globalSecondaryIndexes": SetOf(element=_INDEX),
    "hashKey": Text(computed=True, force_new=True, min_length=1, max_length=_NAME_LIMIT),
    "name": Text(force_new=True, pattern=_NAME, autoname=Autoname(limit=_NAME_LIMIT)),
    "pointInTimeRecovery": Block(
        computed=True,
        fields={
            "enabled": Flag(required=True),
            "recoveryPeriodInDays": Integer(computed=True, minimum=1, maximum=35),
        },
    ),
    "rangeKey": Text(force_new=True, min_length=1, max_length=_NAME_LIMIT),
    "readCapacity": Integer(computed=True, minimum=1),
    "serverSideEncryption": Block(
        computed=True,
        fields={"enabled": Flag(required=True), "kmsKeyArn": Text(computed=True, check=arn)},
    ),
    "streamEnabled": Flag(default=False),
    "streamViewType": Text(computed=True, choices=_VIEWS),
    "ttl": Block(
        computed=True,
        fields={"attributeName": Text(max_length=_NAME_LIMIT), "enabled": Flag(default=False)},
    ),
    "writeCapacity": Integer(computed=True, minimum=1),
}

OUTPUTS: Final = ("arn", "streamArn", "streamLabel")


def validate(inputs: Properties) -> Failures:
    """Return what is wrong with the inputs as a whole; values may be UNKNOWN."""
    failures: Failures = []
    if inputs.get("hashKey") is None:
        failures.append(("hashKey", "is required but was not given"))
    failures += _stream_failures(inputs)
    failures += _capacity_failures("", inputs, inputs.get("billingMode"))
    ttl = inputs.get("ttl")
    if isinstance(ttl, dict) and ttl.get("enabled") is True and not ttl.get("attributeName"):
        failures.append(("ttl.attributeName", "is required when enabled is true"))
    indexes = inputs.get("globalSecondaryIndexes")
    if indexes is UNKNOWN:
        return failures
    known = [each for each in indexes or [] if isinstance(each, dict)]
    for place, index in enumerate(known):
        path = f"globalSecondaryIndexes[{place}]"
        failures += _index_failures(path, index)
        failures += _capacity_failures(f"{path}.", index, inputs.get("billingMode"))
    names = [each.get("name") for each in known]
    if len(set(map(str, names))) < len(names):
        failures.append(("globalSecondaryIndexes", "must have a name of its own each"))
    return failures + _attribute_failures(inputs, known)


def _stream_failures(inputs: Properties) -> Failures:
    enabled, view = inputs.get("streamEnabled"), inputs.get("streamViewType")
    if enabled is True and view is None:
        return [("streamViewType", "is required when streamEnabled is true")]
    if enabled in (None, False) and view not in (None, UNKNOWN):
        return [("streamViewType", "needs streamEnabled to be true")]
    return []


def _capacity_failures(prefix: str, block: Properties, billing: Any) -> Failures:
    failures: Failures = []
    for name in _CAPACITIES:
        given = block.get(name) is not None
        if billing == PROVISIONED and not given:
            failures.append((f"{prefix}{name}", f"is required with billingMode {PROVISIONED}"))
        if billing == ON_DEMAND and given:
            failures.append((f"{prefix}{name}", f"goes with billingMode {PROVISIONED} only"))
    return failures


def _index_failures(path: str, index: Properties) -> Failures:
    failures: Failures = []
    if index.get("hashKey") is None:
        failures.append((f"{path}.hashKey", "is required but was not given"))
    included, others = index.get("projectionType") == "INCLUDE", index.get("nonKeyAttributes")
    if included and not others:
        failures.append((f"{path}.nonKeyAttributes", "is required with projectionType INCLUDE"))
    if not included and others:
        failures.append((f"{path}.nonKeyAttributes", "goes with projectionType INCLUDE only"))
    return failures


def _attribute_failures(inputs: Properties, indexes: list[Properties]) -> Failures:
    """Attributes are declared exactly when they are keys: DynamoDB takes neither more nor fewer."""
    attributes = inputs.get("attributes")
    keys: list[Any] = [
        block[name] for block in (inputs, *indexes) for name in ("hashKey", "rangeKey") if block.get(name)
    ]
    if has_unknown(attributes) or has_unknown(keys):
        return []
    declared = [each["name"] for each in attributes or [] if isinstance(each, dict) and "name" in each]
    failures: Failures = []
    if len(set(declared)) < len(declared):
        failures.append(("attributes", "must name each attribute once"))
    unused = sorted(set(declared) - set(keys))
    if unused:
        failures.append(("attributes", f"must be keys of the table or of an index, which {unused} are not"))
    missing = sorted(set(keys) - set(declared))
    if missing:
        failures.append(("attributes", f"must declare every key, and {missing} are missing"))
    return failures


def key_schema(block: Properties) -> list[Properties]:
    """Return the keys of a table or an index as the API takes them."""
    kinds = (("hashKey", "HASH"), ("rangeKey", "RANGE"))
    return [{"AttributeName": block[name], "KeyType": kind} for name, kind in kinds if block.get(name)]


def keys_of(schema: list[Any]) -> Properties:
    """Return the keys of a table or an index under the inputs' own names."""
    names = {"HASH": "hashKey", "RANGE": "rangeKey"}
    return {names[each["KeyType"]]: each["AttributeName"] for each in schema}


def definitions(inputs: Properties) -> list[Properties]:
    """Return the attributes as the API takes them."""
    return [
        {"AttributeName": each["name"], "AttributeType": each["type"]}
        for each in inputs.get("attributes") or []
    ]


def throughput(block: Properties) -> Properties:
    """Return the capacity of a table or an index as an argument of the API; none on demand."""
    if block.get("readCapacity") is None:
        return {}
    capacity = {
        "ReadCapacityUnits": block["readCapacity"],
        "WriteCapacityUnits": block["writeCapacity"],
    }
    return {"ProvisionedThroughput": capacity}


def capacity_of(live: Properties) -> Properties:
    """Return a capacity under the inputs' own names; None on demand, where it reads as nought."""
    capacity = live.get("ProvisionedThroughput") or {}
    return {
        "readCapacity": capacity.get("ReadCapacityUnits") or None,
        "writeCapacity": capacity.get("WriteCapacityUnits") or None,
    }


def to_index(index: Properties) -> Properties:
    """Return an index as the API takes it."""
    projection: Properties = {"ProjectionType": index["projectionType"]}
    if index.get("nonKeyAttributes"):
        projection["NonKeyAttributes"] = sorted(index["nonKeyAttributes"])
    return {
        "IndexName": index["name"],
        "KeySchema": key_schema(index),
        "Projection": projection,
        **throughput(index),
    }


def from_index(live: Properties) -> Properties:
    """Return an index under the inputs' own names."""
    projection = live["Projection"]
    found = {
        "name": live["IndexName"],
        "nonKeyAttributes": projection.get("NonKeyAttributes") or None,
        "projectionType": projection["ProjectionType"],
        **keys_of(live["KeySchema"]),
        **capacity_of(live),
    }
    return {name: value for name, value in found.items() if value is not None}


def to_encryption(block: Properties) -> Properties:
    """Return the encryption as the API takes it."""
    if not block["enabled"]:
        return {"Enabled": False}
    key = {"KMSMasterKeyId": block["kmsKeyArn"]} if block.get("kmsKeyArn") else {}
    return {"Enabled": True, "SSEType": "KMS", **key}
