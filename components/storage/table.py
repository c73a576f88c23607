"""A DynamoDB table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, sid
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context

TYPES = ("S", "N", "B")
"""What a key may be: text, a number, or bytes."""
STREAMS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
"""What a stream tells of a changed item."""

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
_INDEX_LIMIT = 20
_PROJECTED_LIMIT = 100
_CAPACITY_LIMIT = 40_000
_ATTRIBUTE = r"[A-Za-z0-9_.-]{1,255}"
_ATTRIBUTE_MEND = "use 1 to 255 letters, digits and _.-"


@dataclass(frozen=True, kw_only=True)
class Index:
    """A second way to find items: a global secondary index.

    Raises:
        InvalidArgument: an attribute that can't be called so, or more of them than an index takes.
    """

    hash_key: str
    """Attribute that says which items belong together."""
    range_key: str | None = None
    """Attribute that these are ordered by."""
    attributes: tuple[str, ...] | None = None
    """What the index has of an item besides the keys; everything when absent."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("hash_key", self.hash_key, _ATTRIBUTE, _ATTRIBUTE_MEND)
        if self.range_key is not None:
            check_match("range_key", self.range_key, _ATTRIBUTE, _ATTRIBUTE_MEND)
            other = "use another attribute than hash_key, or none"
            check(self.range_key != self.hash_key, "range_key", self.range_key, other)
        for name in self.attributes or ():
            check_match("attributes", name, _ATTRIBUTE, _ATTRIBUTE_MEND)
        distinct = len(set(self.attributes or ())) == len(self.attributes or ())
        check(distinct, "attributes", self.attributes, "name each attribute once")


@dataclass(frozen=True, kw_only=True)
class TableArgs:
    """Arguments of `Table`.

    Raises:
        InvalidArgument: keys, indexes or capacities that DynamoDB does not take, or a type of no key.
    """

    context: Context
    hash_key: str
    """Attribute that says where an item is kept."""
    range_key: str | None = None
    """Attribute that items with the same hash key are ordered by."""
    types: Mapping[str, str] = field(default_factory=dict[str, str])
    """Keys that are no text: attribute to `N` (number) or `B` (bytes). Other attributes are not declared."""
    indexes: Mapping[str, Index] = field(default_factory=dict[str, Index])
    """Global secondary indexes by their names, such as `by-customer`. Another key is another index: it is
    removed and built anew, so give that a name of its own."""
    ttl_attribute: str | None = None
    """Attribute with the second, since 1970, after which an item is deleted; items stay when absent."""
    recovery_days: int = 35
    """Days back to which the table can be restored, to any second, 1 to 35; 0 for none."""
    read_capacity: int | None = None
    """Units that can be read per second, 1 to 40000; on demand, without a limit, when absent. The same holds
    for each index."""
    write_capacity: int | None = None
    """Units that can be written per second; goes with `read_capacity`."""
    stream: str | None = None
    """What a stream tells of each change; no stream when absent."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the items; a key of DynamoDB's own when absent."""
    deletion_protection: bool = True
    """Whether DynamoDB refuses to delete the table."""
    protect: bool = False
    """Whether the engine refuses to delete the table."""

    def __post_init__(self) -> None:
        check_types(self)
        Index(hash_key=self.hash_key, range_key=self.range_key)
        check(len(self.indexes) <= _INDEX_LIMIT, "indexes", len(self.indexes), f"use at most {_INDEX_LIMIT}")
        for name in self.indexes:
            check_match(
                "indexes", name, r"[A-Za-z0-9_.-]{3,255}", "use names of 3 to 255 letters, digits and _.-"
            )
        projected = sum(len(index.attributes or ()) for index in self.indexes.values())
        few = f"use at most {_PROJECTED_LIMIT} in all indexes together"
        check(projected <= _PROJECTED_LIMIT, "indexes", f"{projected} attributes", few)
        keys = self.keys()
        for name, kind in self.types.items():
            check(name in keys, "types", name, f"name keys only: {', '.join(sorted(keys))}")
            check_choice("types", kind, TYPES)
        if self.ttl_attribute is not None:
            check_match("ttl_attribute", self.ttl_attribute, _ATTRIBUTE, _ATTRIBUTE_MEND)
            number = self.ttl_attribute not in keys or self.types.get(self.ttl_attribute) == "N"
            check(number, "ttl_attribute", self.ttl_attribute, "use an attribute that holds a number")
        check_range("recovery_days", self.recovery_days, 0, 35, "days")
        if self.stream is not None:
            check_choice("stream", self.stream, STREAMS)
        for name in ("read_capacity", "write_capacity"):
            value = getattr(self, name)
            if value is not None:
                check_range(name, value, 1, _CAPACITY_LIMIT, "units")
        both = (self.read_capacity is None) == (self.write_capacity is None)
        check(both, "write_capacity", self.write_capacity, "give it together with read_capacity, or neither")

    def keys(self) -> set[str]:
        """Every attribute that is a key of the table or of an index."""
        pairs = [(self.hash_key, self.range_key)]
        pairs += [(index.hash_key, index.range_key) for index in self.indexes.values()]
        return {name for pair in pairs for name in pair if name is not None}


class Table(Component):
    """A table that is encrypted, protected from deletion, and can be set back to any second of five weeks.

    Example:
        >>> Table("carts", TableArgs(
        ...     context=context, hash_key="customer", range_key="created", types={"created": "N"},
        ...     indexes={"by-state": Index(hash_key="state")}, ttl_attribute="expires"))
    """

    token = "understudy:storage:Table"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the table."""
    table_name: pulumi.Output[str]
    """Name of the table, as DynamoDB calls take it."""
    stream_arn: pulumi.Output[str]
    """ARN of the stream; empty when there is none."""
    table: aws.dynamodb.Table
    """The table itself."""

    def __init__(self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name, self._args = name, args
        on_demand = args.read_capacity is None
        recovery = aws.dynamodb.TablePointInTimeRecoveryArgs(
            enabled=args.recovery_days > 0, recovery_period_in_days=args.recovery_days or None
        )
        self.table = aws.dynamodb.Table(
            name,
            name=args.context.name(naming.DYNAMODB_TABLE, name, "table"),
            billing_mode="PAY_PER_REQUEST" if on_demand else "PROVISIONED",
            read_capacity=args.read_capacity,
            write_capacity=args.write_capacity,
            hash_key=args.hash_key,
            range_key=args.range_key,
            attributes=[
                aws.dynamodb.TableAttributeArgs(name=key, type=args.types.get(key, "S"))
                for key in sorted(args.keys())
            ],
            global_secondary_indexes=[_index(args, key) for key in sorted(args.indexes)] or None,
            ttl=None
            if args.ttl_attribute is None
            else aws.dynamodb.TableTtlArgs(attribute_name=args.ttl_attribute, enabled=True),
            point_in_time_recovery=recovery,
            server_side_encryption=None
            if args.kms_key_arn is None
            else aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.kms_key_arn),
            stream_enabled=args.stream is not None,
            stream_view_type=args.stream,
            deletion_protection_enabled=args.deletion_protection,
            tags=args.context.tags(self.label),
            opts=self.child(protect=args.protect),
        )
        self.arn = self.table.arn
        self.table_name = self.table.name
        if args.stream is None:
            self.stream_arn = pulumi.Output.from_input("")
        else:
            self.stream_arn = self.table.stream_arn
        self.register()

    def read(self) -> Use:
        """That a service reads items of the table by their keys."""
        return Use(subject=self._name, grants=self.grant_read(sid("ReadTable", self._name)))

    def written(self) -> Use:
        """That a service puts, changes and deletes items of the table."""
        return Use(subject=self._name, grants=self.grant_write(sid("WriteTable", self._name)))

    def grant_read(self, sid: str) -> list[Grant]:
        """What a service needs to read items by their keys, from the table and its indexes; no scan."""
        indexes = [
            pulumi.Output.format("{0}/index/{1}", self.arn, name) for name in sorted(self._args.indexes)
        ]
        actions = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
        return self._grants(sid, actions, [self.arn, *indexes])

    def grant_write(self, sid: str) -> list[Grant]:
        """What a service needs to put, change and delete items, alone, in batches and in transactions."""
        actions = (
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
        )
        return self._grants(sid, actions, [self.arn])

    def _grants(self, sid: str, actions: tuple[str, ...], resources: list[pulumi.Output[str]]) -> list[Grant]:
        grants = [Grant(sid=sid, actions=actions, resources=[*resources])]
        key = self._args.kms_key_arn
        if key is not None:
            # DynamoDB asks for the table's key in the name of whoever calls.
            grants.append(Grant(sid=f"{sid}Key", actions=("kms:Decrypt",), resources=[key]))
        return grants


def _index(args: TableArgs, name: str) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    index = args.indexes[name]
    projection = "ALL" if index.attributes is None else "INCLUDE" if index.attributes else "KEYS_ONLY"
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=name,
        hash_key=index.hash_key,
        range_key=index.range_key,
        projection_type=projection,
        non_key_attributes=sorted(index.attributes) if index.attributes else None,
        read_capacity=args.read_capacity,
        write_capacity=args.write_capacity,
    )
