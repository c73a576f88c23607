"""Tables."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.dynamodb import table_inputs as parts
from localcloud.aws.dynamodb.table_inputs import INPUTS, OUTPUTS
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Failures
from localcloud.resource import LocalError, Operation, Properties

_GONE: Final = ("ResourceNotFoundException", "ResourceNotFound", "TableNotFoundException")


class Table(AwsType):
    """A DynamoDB table; its id is its name. Items live as long as moto does.

    Local indexes, replicas, imports, restores, table classes and warm or limited throughput are refused.
    Deletion protection and the recovery period are newer than the source that was read, and follow the SDK.
    """

    token = "aws:dynamodb/table:Table"
    source = read_from("dynamodb/table.go", "01335dd3cd3dff10ace08b5250b7302d4dbb0e04")
    service = "dynamodb"
    taggable = True
    inputs = INPUTS
    outputs = OUTPUTS

    def validate(self, inputs: Properties) -> Failures:
        return parts.validate(inputs)

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), inputs["name"]
        client.create_table(**self._creation(inputs))
        operation.made(name, inputs)
        self._set_recovery(client, name, inputs.get("pointInTimeRecovery"))
        if (inputs.get("ttl") or {}).get("enabled"):
            self._set_ttl(client, name, inputs["ttl"]["attributeName"], enabled=True)
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        live = self._describe(client, identity)
        if live is None:
            return None
        ttl = attempt(_GONE, client.describe_time_to_live, TableName=identity)
        backups = attempt(_GONE, client.describe_continuous_backups, TableName=identity)
        if ttl is None or backups is None:
            return None
        indexes = [parts.from_index(each) for each in live.get("GlobalSecondaryIndexes") or []]
        stream, key = live.get("StreamSpecification") or {}, live.get("SSEDescription")
        found: Properties = {
            "arn": live["TableArn"],
            "attributes": [
                {"name": each["AttributeName"], "type": each["AttributeType"]}
                for each in live["AttributeDefinitions"]
            ],
            "billingMode": live["BillingModeSummary"]["BillingMode"],
            "deletionProtectionEnabled": bool(live.get("DeletionProtectionEnabled")),
            "globalSecondaryIndexes": indexes or None,
            "name": identity,
            "pointInTimeRecovery": _recovery(backups["ContinuousBackupsDescription"]),
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": key.get("KMSMasterKeyArn")}
            if key
            else {"enabled": False},
            "streamArn": live.get("LatestStreamArn"),
            "streamEnabled": bool(stream.get("StreamEnabled")),
            "streamLabel": live.get("LatestStreamLabel"),
            "streamViewType": stream.get("StreamViewType"),
            "ttl": _ttl(ttl["TimeToLiveDescription"]),
            **parts.keys_of(live["KeySchema"]),
            **parts.capacity_of(live),
        }
        tags = client.list_tags_of_resource(ResourceArn=live["TableArn"]).get("Tags")
        return self.live(state, found, from_list(tags))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        self._refuse_other_keys(identity, old, new)
        for change in (*self._plain_changes(old, new), *self._index_changes(old, new)):
            # DynamoDB takes one change of a kind at a time.
            client.update_table(TableName=identity, **change)
        if self._differs("pointInTimeRecovery", old, new):
            self._set_recovery(client, identity, new["pointInTimeRecovery"])
        if self._differs("ttl", old, new):
            before, after = _asked(old.get("ttl")), _asked(new["ttl"])
            if before is not None and before != after:
                self._set_ttl(client, identity, before, enabled=False)
            if after is not None:
                self._set_ttl(client, identity, after, enabled=True)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client, arn = self.client(properties), self.arn(properties, f"table/{identity}")
        if change.put:
            client.tag_resource(ResourceArn=arn, Tags=to_list(change.put))
        if change.drop:
            client.untag_resource(ResourceArn=arn, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        live = self._describe(client, identity)
        if live is not None and live.get("DeletionProtectionEnabled"):
            raise LocalError(
                f"table {identity} is protected against deletion; "
                "set deletionProtectionEnabled to false and update before"
            )
        attempt(_GONE, client.delete_table, TableName=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        return None if self._describe(self.client(inputs), inputs["name"]) is None else inputs["name"]

    # -- inside -------------------------------------------------------------------------------------

    def _describe(self, client: Any, identity: str) -> Any:
        answer = attempt(_GONE, client.describe_table, TableName=identity)
        return None if answer is None else answer["Table"]

    def _creation(self, inputs: Properties) -> Properties:
        arguments: Properties = {
            "TableName": inputs["name"],
            "AttributeDefinitions": parts.definitions(inputs),
            "BillingMode": inputs["billingMode"],
            "DeletionProtectionEnabled": inputs["deletionProtectionEnabled"],
            "KeySchema": parts.key_schema(inputs),
            "Tags": to_list(self.wanted_tags(inputs)),
            **parts.throughput(inputs),
        }
        if inputs.get("globalSecondaryIndexes"):
            arguments["GlobalSecondaryIndexes"] = [
                parts.to_index(each) for each in inputs["globalSecondaryIndexes"]
            ]
        if (inputs.get("serverSideEncryption") or {}).get("enabled"):
            arguments["SSESpecification"] = parts.to_encryption(inputs["serverSideEncryption"])
        if inputs.get("streamEnabled"):
            arguments["StreamSpecification"] = _stream(inputs)
        return arguments

    def _differs(self, name: str, old: Properties, new: Properties) -> bool:
        spec = self.inputs[name]
        if new.get(name) is None and spec.computed:
            return False
        return not spec.same(old.get(name), new.get(name))

    def _refuse_other_keys(self, identity: str, old: Properties, new: Properties) -> None:
        """A key's type can't be changed in place; the name of a key is a replacement by itself."""
        types = [{each["name"]: each["type"] for each in one.get("attributes") or []} for one in (old, new)]
        for name in (new.get("hashKey"), new.get("rangeKey")):
            if types[0].get(name) != types[1].get(name) and name in types[0]:
                raise LocalError(
                    f"table {identity}: the type of its key {name} can't be changed; make another table"
                )

    def _plain_changes(self, old: Properties, new: Properties) -> list[Properties]:
        changes: list[Properties] = []
        if any(self._differs(name, old, new) for name in ("billingMode", "readCapacity", "writeCapacity")):
            changes.append({"BillingMode": new["billingMode"], **parts.throughput(new)})
        if any(self._differs(name, old, new) for name in ("streamEnabled", "streamViewType")):
            # A stream's view can't be changed while it runs.
            if old.get("streamEnabled"):
                changes.append({"StreamSpecification": {"StreamEnabled": False}})
            if new.get("streamEnabled"):
                changes.append({"StreamSpecification": _stream(new)})
        if self._differs("serverSideEncryption", old, new):
            changes.append({"SSESpecification": parts.to_encryption(new["serverSideEncryption"])})
        if self._differs("deletionProtectionEnabled", old, new):
            changes.append({"DeletionProtectionEnabled": new["deletionProtectionEnabled"]})
        return changes

    def _index_changes(self, old: Properties, new: Properties) -> list[Properties]:
        """Indexes that go, then those that come; another key or projection is another index."""
        before, after = ({each["name"]: each for each in _indexes(one)} for one in (old, new))
        element = INPUTS["globalSecondaryIndexes"]
        changed = [
            name for name in before if name in after and not element.same([before[name]], [after[name]])
        ]
        resized = [name for name in changed if _shape(before[name]) == _shape(after[name])]
        updates: list[Properties] = [
            {"Delete": {"IndexName": name}}
            for name in before
            if name not in after or (name in changed and name not in resized)
        ]
        updates += [
            {"Update": {"IndexName": name, **parts.throughput(after[name])}}
            for name in resized
            if parts.throughput(after[name])
        ]
        updates += [
            {"Create": parts.to_index(each)}
            for name, each in after.items()
            if name not in before or (name in changed and name not in resized)
        ]
        known = parts.definitions(new)
        return [{"AttributeDefinitions": known, "GlobalSecondaryIndexUpdates": [each]} for each in updates]

    def _set_recovery(self, client: Any, name: str, block: Properties | None) -> None:
        if block is None:
            return
        wanted: Properties = {"PointInTimeRecoveryEnabled": block["enabled"]}
        if block["enabled"] and block.get("recoveryPeriodInDays"):
            wanted["RecoveryPeriodInDays"] = block["recoveryPeriodInDays"]
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)

    def _set_ttl(self, client: Any, name: str, attribute: str, *, enabled: bool) -> None:
        client.update_time_to_live(
            TableName=name, TimeToLiveSpecification={"AttributeName": attribute, "Enabled": enabled}
        )


def _indexes(inputs: Properties) -> list[Properties]:
    return inputs.get("globalSecondaryIndexes") or []


def _shape(index: Properties) -> Properties:
    """An index without its capacity, which alone can be changed in place."""
    api = parts.to_index(index)
    api.pop("ProvisionedThroughput", None)
    return api


def _asked(ttl: Properties | None) -> str | None:
    """The attribute that items expire by, or None when they don't."""
    return ttl["attributeName"] if ttl and ttl.get("enabled") else None


def _stream(inputs: Properties) -> Properties:
    return {"StreamEnabled": True, "StreamViewType": inputs["streamViewType"]}


def _recovery(live: Properties) -> Properties:
    described = live.get("PointInTimeRecoveryDescription") or {}
    days = described.get("RecoveryPeriodInDays")
    enabled = described.get("PointInTimeRecoveryStatus") == "ENABLED"
    return {"enabled": enabled, **({"recoveryPeriodInDays": days} if days else {})}


def _ttl(live: Properties) -> Properties:
    name = live.get("AttributeName")
    enabled = live.get("TimeToLiveStatus") == "ENABLED"
    return {"enabled": enabled, **({"attributeName": name} if enabled and name else {})}
