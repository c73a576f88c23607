"""DynamoDB tables."""

from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.storage import Index, Table, TableArgs

KEY = "arn:aws:kms:eu-west-1:123456789012:key/data"


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Table, **changes))


def table(**changes: Any) -> dict[str, Any]:
    return built(**changes).one("dynamodb/table:Table").inputs


def arguments(**changes: Any) -> TableArgs:
    return TableArgs(**{"context": examples.context(), "hash_key": "customer", **changes})


def test_attributes_are_exactly_the_keys() -> None:
    assert table()["attributes"] == [
        {"name": "created", "type": "N"},
        {"name": "customer", "type": "S"},
        {"name": "state", "type": "S"},
    ]


def test_a_table_can_be_set_back_and_is_not_deleted_by_mistake() -> None:
    inputs = table()
    assert inputs["pointInTimeRecovery"] == {"enabled": True, "recoveryPeriodInDays": 35}
    assert inputs["deletionProtectionEnabled"] is True
    assert inputs["ttl"] == {"attributeName": "expires", "enabled": True}
    short_lived = table(recovery_days=0, deletion_protection=False)
    assert short_lived["pointInTimeRecovery"] == {"enabled": False}
    assert short_lived["deletionProtectionEnabled"] is False


@pytest.mark.parametrize(
    ("attributes", "projection", "others"),
    [(None, "ALL", None), ((), "KEYS_ONLY", None), (("b", "a"), "INCLUDE", ["a", "b"])],
)
def test_an_index_has_what_was_asked_for(attributes: Any, projection: str, others: Any) -> None:
    (index,) = table(indexes={"by-state": Index(hash_key="state", attributes=attributes)})[
        "globalSecondaryIndexes"
    ]
    assert (index["projectionType"], index.get("nonKeyAttributes")) == (projection, others)


def test_capacity_is_on_demand_or_named_for_table_and_indexes() -> None:
    inputs = table()
    assert inputs["billingMode"] == "PAY_PER_REQUEST" and "readCapacity" not in inputs
    inputs = table(read_capacity=5, write_capacity=2)
    assert inputs["billingMode"] == "PROVISIONED"
    for one in (inputs, *inputs["globalSecondaryIndexes"]):
        assert (one["readCapacity"], one["writeCapacity"]) == (5, 2)


def test_a_table_is_encrypted_with_the_key() -> None:
    assert table(kms_key_arn=KEY)["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": KEY}
    # Without one DynamoDB encrypts with a key of its own, which is not asked for by name.
    assert "serverSideEncryption" not in table()


def test_a_stream_is_told_of() -> None:
    inputs = table(stream="NEW_IMAGE")
    assert (inputs["streamEnabled"], inputs["streamViewType"]) == (True, "NEW_IMAGE")
    assert (built().one("understudy:storage:Table").outputs or {})["streamArn"] == ""


def test_readers_read_and_writers_write() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        one = examples.make(Table, kms_key_arn=KEY)
        found["read"], found["write"] = one.grant_read("Read"), one.grant_write("Write")

    run(program)
    assert [grant.sid for grant in found["read"]] == ["Read", "ReadKey"]
    assert len(found["read"][0].resources) == 2
    assert len(found["write"][0].resources) == 1
    assert not set(found["read"][0].actions) & set(found["write"][0].actions)
    for grants in found.values():
        assert "dynamodb:Scan" not in grants[0].actions
        assert grants[1].actions == ("kms:Decrypt",)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("hash_key", {"hash_key": ""}),
        ("hash_key", {"hash_key": "a" * 256}),
        ("range_key", {"range_key": "customer"}),
        ("range_key", {"range_key": "a b"}),
        ("types", {"types": {"total": "N"}}),
        ("types", {"types": {"customer": "BOOL"}}),
        ("indexes", {"indexes": {"by": Index(hash_key="a")}}),
        ("indexes", {"indexes": {f"by-{n}": Index(hash_key="a") for n in range(21)}}),
        (
            "indexes",
            {"indexes": {"all": Index(hash_key="a", attributes=tuple(f"a{n}" for n in range(101)))}},
        ),
        ("ttl_attribute", {"ttl_attribute": "customer"}),
        ("ttl_attribute", {"ttl_attribute": ""}),
        ("recovery_days", {"recovery_days": 36}),
        ("recovery_days", {"recovery_days": True}),
        ("read_capacity", {"read_capacity": 0, "write_capacity": 1}),
        ("write_capacity", {"read_capacity": 1}),
        ("write_capacity", {"read_capacity": 1, "write_capacity": 40_001}),
        ("stream", {"stream": "EVERYTHING"}),
    ],
)
def test_a_table_that_dynamodb_would_refuse_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        arguments(**changes)


@pytest.mark.parametrize(
    ("field", "changes"), [("attributes", {"attributes": ("a", "a")}), ("hash_key", {"hash_key": "a/b"})]
)
def test_an_index_is_checked(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Index(**{"hash_key": "a", **changes})


words = st.sampled_from(["a", "b", "c", "d"])
indexes = st.builds(Index, hash_key=st.just("x"), range_key=st.none() | words)


@given(words, st.none() | words, st.dictionaries(st.sampled_from(["one", "two", "three"]), indexes))
def test_whatever_keys_there_are_each_is_declared_once(
    hash_key: str, range_key: str | None, more: dict[str, Index]
) -> None:
    try:
        args = arguments(hash_key=hash_key, range_key=range_key, indexes=more)
    except InvalidArgument as problem:
        assert problem.field == "range_key" and hash_key == range_key
        return
    expected = {hash_key, range_key, *(key for one in more.values() for key in (one.hash_key, one.range_key))}
    assert args.keys() == expected - {None}
