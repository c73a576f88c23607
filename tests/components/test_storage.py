"""Databases, caches and buckets: nothing is lost by mistake, and somebody hears when it goes wrong."""

import json
import re
from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.storage import Bucket, Cache, Database
from components.storage.windows import check_apart, daily, weekly

DAY, WEEK = 24 * 60, 7 * 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def built(component: type[Any], **changes: Any) -> Run:
    return run(lambda: examples.make(component, **changes))


def refused(component: type[Any], field: str, **changes: Any) -> None:
    args_type, fields = examples.EXAMPLES[component]
    with pytest.raises(InvalidArgument, match=f"^{re.escape(field)} is "):
        args_type(**{"context": examples.context(), **fields(), **changes})


def clock(minute: int) -> str:
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def day_and_clock(minute: int) -> str:
    return f"{DAYS[minute % WEEK // DAY]}:{clock(minute)}"


minutes_of_day = st.integers(0, DAY - 1)
minutes_of_week = st.integers(0, WEEK - 1)
lengths = st.integers(30, DAY - 1)


@given(minutes_of_day, lengths, minutes_of_week, lengths)
def test_windows_are_apart_exactly_when_no_minute_is_in_both(
    daily_begin: int, daily_length: int, begin: int, length: int
) -> None:
    text = f"{day_and_clock(begin)}-{day_and_clock(begin + length)}"
    every_day = daily("backup", f"{clock(daily_begin)}-{clock(daily_begin + daily_length)}", 30)
    every_week = weekly("maintenance", text, 30)
    assert (every_day, every_week) == ((daily_begin, daily_length), (begin, length))
    of_day = {minute % DAY for minute in range(daily_begin, daily_begin + daily_length)}
    shared = any(minute % DAY in of_day for minute in range(begin, begin + length))
    if shared:
        with pytest.raises(InvalidArgument, match=r"^maintenance is "):
            check_apart("maintenance", text, every_day, every_week)
    else:
        check_apart("maintenance", text, every_day, every_week)


@pytest.mark.parametrize(
    "text",
    ["", "2:00-3:00", "02:00", "24:00-25:00", "02:00-02:29", "02:00-02:00", "02:00-03:00\n", "٠٢:00-03:00"],
)
def test_what_is_no_daily_window_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^backup_window is "):
        daily("backup_window", text, 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sun:02:00",
        "day:02:00-day:03:00",
        "sun:02:00-sun:02:10",
        "sun:02:00-tue:02:00",
        "Sun:02:00-sun:03:00",
    ],
)
def test_what_is_no_weekly_window_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^maintenance_window is "):
        weekly("maintenance_window", text, 30)


@given(st.text(max_size=30))
def test_whatever_text_it_is_a_window_or_refused(text: str) -> None:
    for read in (daily, weekly):
        try:
            begin, length = read("window", text, 30)
        except InvalidArgument as problem:
            assert problem.field == "window"
        else:
            assert 0 <= begin < WEEK and 30 <= length <= DAY


@pytest.mark.parametrize(
    ("component", "names"),
    [
        (Database, {"cpu", "storage", "connections"}),
        (Cache, {"node1-evictions", "node1-memory", "node2-evictions", "node2-memory"}),
    ],
)
def test_alarms_name_owner_and_runbook(component: type[Any], names: set[str]) -> None:
    alarms = built(component, alarm_actions=["arn:aws:sns:::alerts"]).of("MetricAlarm")
    assert {one.name for one in alarms} == {f"orders-{name}-alarm" for name in names}
    for alarm in alarms:
        assert "Owner: payments. Runbook: docs/runbooks/" in alarm.inputs["alarmDescription"]
        assert alarm.inputs["alarmActions"] == ["arn:aws:sns:::alerts"]
        (watched,) = alarm.inputs["dimensions"].values()
        assert watched.startswith("understudy-feature-x-orders-")


def test_the_alarm_on_storage_is_in_bytes() -> None:
    alarm = (
        built(Database, storage=100, free_storage_alarm=5).one("MetricAlarm", "orders-storage-alarm").inputs
    )
    assert alarm["threshold"] == 5 * 1024**3
    assert alarm["comparisonOperator"] == "LessThanThreshold"


def test_a_database_s_logs_end_after_a_while() -> None:
    database = built(Database, log_retention_days=30)
    instance = database.one("rds/instance:Instance")
    groups = {one.inputs["name"]: one.inputs["retentionInDays"] for one in database.of("logGroup:LogGroup")}
    name = instance.inputs["identifier"]
    assert groups == {f"/aws/rds/instance/{name}/{kind}": 30 for kind in ("postgresql", "upgrade")}
    assert sorted(instance.inputs["enabledCloudwatchLogsExports"]) == ["postgresql", "upgrade"]
    # Otherwise RDS makes the groups itself, and keeps every line for good.
    assert len([one for one in instance.depends_on if "logGroup" in one]) == 2


def test_plain_text_is_refused_whatever_the_parameters() -> None:
    group = built(Database, parameters={"work_mem": "8192"}).one("ParameterGroup").inputs
    assert {one["name"]: one["value"] for one in group["parameters"]} == {
        "work_mem": "8192",
        "rds.force_ssl": "1",
    }
    refused(Database, "parameters", parameters={"rds.force_ssl": "0"})


def test_versions_change_with_the_program_alone() -> None:
    instance = built(Database).one("rds/instance:Instance").inputs
    assert instance["engineVersion"] == "15.13" and instance["autoMinorVersionUpgrade"] is False
    assert built(Cache).one("ReplicationGroup").inputs["autoMinorVersionUpgrade"] is False


def test_a_final_snapshot_has_a_name_of_its_own() -> None:
    database = built(Database)
    name = database.one("rds/instance:Instance").inputs["finalSnapshotIdentifier"]
    assert name == "understudy-feature-x-orders-final-0a1b2c3d"
    assert (database.one("understudy:storage:Database").outputs or {})["finalSnapshot"] == name
    assert (
        "finalSnapshotIdentifier"
        not in built(Database, final_snapshot=False).one("rds/instance:Instance").inputs
    )


def test_a_restored_database_has_the_snapshot_s_user() -> None:
    database = built(Database, snapshot_identifier="before")
    instance = database.one("rds/instance:Instance").inputs
    assert instance["snapshotIdentifier"] == "before"
    assert not {"username", "dbName"} & set(instance)
    secret = json.loads(database.one("SecretVersion").inputs["secretString"])
    assert (secret["username"], secret["dbname"]) == ("restored_user", "restored_db")


def test_a_token_of_iam_opens_the_database_for_one_role() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        (grant,) = examples.make(Database, iam_authentication=True).grant_connect_as("Connect", "orders_app")
        found["actions"] = grant.actions
        grant.resources[0].apply(lambda arn: found.update(arn=arn))
        plain = examples.make(Database, name="other")
        with pytest.raises(InvalidArgument, match=r"^iam_authentication is "):
            plain.grant_connect_as("Connect", "orders_app")

    run(program)
    assert found["actions"] == ("rds-db:connect",)
    assert found["arn"] == "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABC/orders_app"


@pytest.mark.parametrize(
    ("nodes", "failover", "expected"), [(1, None, False), (2, None, True), (3, False, False), (2, True, True)]
)
def test_a_replica_takes_over_where_there_is_one(nodes: int, failover: bool | None, expected: bool) -> None:
    group = built(Cache, nodes=nodes, failover=failover).one("ReplicationGroup").inputs
    assert group["automaticFailoverEnabled"] is group["multiAzEnabled"] is expected


@pytest.mark.parametrize(
    ("engine", "version", "family"), [("redis", "7.1", "redis7"), ("valkey", "8.0", "valkey8")]
)
def test_settings_are_of_the_engine_s_family(engine: str, version: str, family: str) -> None:
    cache = built(Cache, engine=engine, engine_version=version)
    assert cache.one("elasticache/parameterGroup:ParameterGroup").inputs["family"] == family
    assert cache.one("ReplicationGroup").inputs["engine"] == engine


@pytest.mark.parametrize(
    ("component", "field", "changes"),
    [
        (Database, "backup_window", {"backup_window": "02:00"}),
        (Database, "maintenance_window", {"maintenance_window": "sun:02:30-sun:03:30"}),
        (
            Database,
            "maintenance_window",
            {"backup_window": "23:30-00:30", "maintenance_window": "mon:00:00-mon:01:00"},
        ),
        (Database, "log_retention_days", {"log_retention_days": 10}),
        (Database, "connections_alarm", {"connections_alarm": 0}),
        (Database, "cpu_alarm", {"cpu_alarm": 101}),
        (Database, "free_storage_alarm", {"free_storage_alarm": 0}),
        (Database, "runbook", {"runbook": "ask Ann"}),
        (Database, "parameters", {"parameters": {"Work Mem": "1"}}),
        (Database, "parameters[work_mem]", {"parameters": {"work_mem": "1\n2"}}),
        (Cache, "engine", {"engine": "memcached"}),
        (Cache, "engine_version", {"engine": "valkey"}),
        (Cache, "engine_version", {"engine_version": "8.0"}),
        (Cache, "failover", {"nodes": 1, "failover": True}),
        (Cache, "snapshot_window", {"snapshot_window": "02:00-02:59"}),
        (Cache, "maintenance_window", {"maintenance_window": "sun:01:30-sun:02:30"}),
        (Cache, "parameters[maxmemory-policy]", {"parameters": {"maxmemory-policy": "forget"}}),
        (Cache, "evictions_alarm", {"evictions_alarm": 0}),
        (Cache, "memory_alarm", {"memory_alarm": 0}),
        (Cache, "runbook", {"runbook": "http://example.com"}),
        (Bucket, "access_logs_prefix", {"access_logs_prefix": "archive/"}),
        (Bucket, "access_logs_prefix", {"access_logs_bucket": "logs", "access_logs_prefix": "a b"}),
        (Bucket, "kms_key_arn", {"access_logs_account": "1", "kms_key_arn": "arn:aws:kms:::key/a"}),
    ],
)
def test_what_would_go_wrong_is_refused(component: type[Any], field: str, changes: dict[str, Any]) -> None:
    refused(component, field, **changes)


def test_a_bucket_s_objects_belong_to_the_account() -> None:
    bucket = built(Bucket)
    assert bucket.one("BucketOwnershipControls").inputs["rule"] == {"objectOwnership": "BucketOwnerEnforced"}
    conditions = [one["Condition"] for one in policy(bucket)]
    assert {"NumericLessThan": {"s3:TlsVersion": "1.2"}} in conditions


def policy(bucket: Run) -> list[dict[str, Any]]:
    return json.loads(bucket.one("BucketPolicy").inputs["policy"])["Statement"]


def test_access_logs_go_to_a_bucket_that_takes_them() -> None:
    bucket = built(Bucket, access_logs_bucket="logs", access_logs_prefix="orders/")
    assert bucket.one("BucketLogging").inputs == {
        "bucket": "example-understudy-feature-x-orders-bucket",
        "targetBucket": "logs",
        "targetPrefix": "orders/",
    }
    assert not built(Bucket).of("BucketLogging")
    taken = policy(built(Bucket, access_logs_account="123456789012"))[-1]
    assert taken["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert taken["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


@pytest.mark.parametrize(("changes", "there"), [({"expire_after": None}, True), ({}, False)])
def test_markers_of_nothing_are_cleaned_up(changes: dict[str, Any], there: bool) -> None:
    rules = built(Bucket, **changes).one("BucketLifecycleConfiguration").inputs["rules"]
    assert ("markers" in {one["id"] for one in rules}) is there


def test_every_kind_of_use_is_granted_by_itself() -> None:
    found: dict[str, Any] = {}

    def program() -> None:
        bucket = examples.make(Bucket)
        for use in ("read", "write", "delete", "list"):
            found[use] = [one.actions for one in getattr(bucket, f"grant_{use}")("Use")]

    run(program)
    assert found["delete"] == [("s3:DeleteObject",)] and found["list"] == [("s3:ListBucket",)]
    actions = [action for grants in found.values() for one in grants for action in one]
    assert len(actions) == len(set(actions))
