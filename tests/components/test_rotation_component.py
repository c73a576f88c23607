"""What a rotation and a login create, who may do what, and which arguments they refuse."""

import json
from typing import Any

import component_examples as examples
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.secrets import Generated, Key, KeyArgs, Rotation, RotationArgs, Secret, SecretArgs
from components.storage import Database, DatabaseLogin, DatabaseLoginArgs

KEY = "arn:aws:kms:eu-west-1:123456789012:key/data"
READER = "arn:aws:iam::123456789012:role/reports"
VALID = dict(examples.EXAMPLES.values())
hostile = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text()
    | st.binary()
    | st.lists(st.text() | st.integers(), max_size=3)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def built(component: type[Any], **changes: Any) -> Run:
    return run(lambda: examples.make(component, **changes))


def statements(result: Run, token: str, field: str = "policy") -> dict[str, dict[str, Any]]:
    return {each["Sid"]: each for each in json.loads(result.one(token).inputs[field])["Statement"]}


def test_the_function_may_do_what_a_rotation_needs_and_no_more() -> None:
    allowed = statements(built(Rotation), "RolePolicy")
    assert set(allowed) == {"Rotate", "ReadAdministrator", "Log", "Network"}
    assert allowed["Rotate"]["Action"] == [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ]
    assert allowed["ReadAdministrator"]["Action"] == ["secretsmanager:GetSecretValue"]
    assert allowed["ReadAdministrator"]["Resource"].endswith(":secret:admin-AbCdEf")
    assert [sid for sid, each in allowed.items() if each["Resource"] == "*"] == ["Network"]
    assert statements(built(Rotation, kms_key_arn=KEY), "RolePolicy")["UseKey"]["Resource"] == KEY


def test_only_secrets_manager_calls_the_function_and_only_for_this_secret() -> None:
    result = built(Rotation)
    permission = result.one("Permission").inputs
    assert permission["principal"] == "secretsmanager.amazonaws.com"
    assert permission["sourceAccount"] == examples.ACCOUNT
    assert permission["sourceArn"] == result.one("SecretRotation").inputs["secretId"]


def test_the_function_reaches_the_database_and_aws_and_is_reached_by_nobody() -> None:
    result = built(Rotation, port=5433)
    group = f"{result.one('SecurityGroup').name}-id"
    out = {one.name: one.inputs for one in result.of("SecurityGroupEgressRule")}
    assert out["orders-to-database"]["referencedSecurityGroupId"] == "sg-database"
    assert out["orders-to-database"]["toPort"] == 5433
    assert out["orders-to-api"]["toPort"] == 443
    into = result.one("SecurityGroupIngressRule").inputs
    assert (into["securityGroupId"], into["referencedSecurityGroupId"]) == ("sg-database", group)
    assert result.one("Function").inputs["vpcConfig"]["securityGroupIds"] == [group]


def test_the_log_is_made_where_lambda_writes_and_does_not_stay_for_ever() -> None:
    result = built(Rotation, log_retention_days=30)
    function = result.one("Function")
    log = result.one("LogGroup")
    assert log.inputs["name"] == f"/aws/lambda/{function.inputs['name']}"
    assert log.inputs["retentionInDays"] == 30
    assert any(urn.endswith("::orders-log") for urn in function.depends_on)


@pytest.mark.parametrize(
    ("given_schedule", "rules"),
    [
        ({}, {"automaticallyAfterDays": 30}),
        ({"every_days": 7, "window_hours": 3}, {"automaticallyAfterDays": 7, "duration": "3h"}),
        (
            {"every_days": None, "schedule": "cron(0 4 ? * SUN#1 *)"},
            {"scheduleExpression": "cron(0 4 ? * SUN#1 *)"},
        ),
    ],
)
def test_the_schedule_is_as_asked_for(given_schedule: dict[str, Any], rules: dict[str, Any]) -> None:
    assert built(Rotation, **given_schedule).one("SecretRotation").inputs["rotationRules"] == rules


def test_a_login_is_never_the_master_user_s() -> None:
    result = built(DatabaseLogin)
    secret = json.loads(result.one("SecretVersion").inputs["secretString"])
    assert secret["username"] == "orders_app"
    assert {"host", "port", "dbname", "password", "sslmode"} <= set(secret)
    function = result.one("Function").inputs
    assert function["environment"]["variables"]["ADMIN_SECRET_ARN"].endswith(":secret:admin-AbCdEf")
    master = built(Database).one("rds/instance:Instance").inputs["username"]
    assert master not in (secret["username"], f"{secret['username']}_clone", f"{secret['username']}_owner")


def test_a_login_is_granted_its_own_secret_alone() -> None:
    found: list[Any] = []

    def program() -> None:
        found.extend(examples.make(DatabaseLogin, kms_key_arn=KEY).grant_connect("Connect"))

    run(program)
    assert [grant.actions for grant in found] == [("secretsmanager:GetSecretValue",), ("kms:Decrypt",)]


def test_names_of_users_have_room_for_clone_and_owner() -> None:
    long = "a" * 80
    username = json.loads(
        run(lambda: examples.make(DatabaseLogin, name=long)).one("SecretVersion").inputs["secretString"]
    )["username"]
    assert len(f"{username}_clone") <= 63
    assert len(f"{username}_owner") <= 63


def test_a_secret_s_own_policy_names_its_readers() -> None:
    named = statements(built(Secret, readers=(READER,)), "SecretPolicy")
    assert named["NamedReaders"]["Principal"] == {"AWS": [READER]}
    assert "DenyPlainText" in named
    assert "NamedReaders" not in statements(built(Secret), "SecretPolicy")


def test_a_generated_value_is_new_only_when_a_keeper_changes() -> None:
    made = built(Secret, value=None, generated=Generated(length=50, keepers={"year": "2026"}))
    password = made.one("RandomPassword").inputs
    assert (password["length"], password["special"]) == (50, False)
    assert password["keepers"] == {"year": "2026"}
    assert made.one("SecretVersion").inputs["secretString"] == "correct-horse-battery-staple"


def test_a_key_rotates_when_asked_and_names_its_users() -> None:
    key = built(Key, rotation_period_days=90, users=(READER,))
    assert key.one("kms/key:Key").inputs["rotationPeriodInDays"] == 90
    assert key.one("kms/key:Key").inputs["enableKeyRotation"] is True
    named = statements(key, "kms/key:Key")
    assert named["NamedUsers"]["Principal"] == {"AWS": [READER]}
    assert "kms:*" not in named["NamedUsers"]["Action"]


@pytest.mark.parametrize(
    ("args_type", "field", "value"),
    [
        (KeyArgs, "rotation_period_days", 89),
        (KeyArgs, "rotation_period_days", 2561),
        (KeyArgs, "users", ("*",)),
        (KeyArgs, "users", READER),
        (SecretArgs, "readers", ("*",)),
        (SecretArgs, "readers", ("arn:aws:s3:::bucket",)),
        (SecretArgs, "readers", READER),
        (SecretArgs, "recovery_window_days", True),
        (SecretArgs, "recovery_window_days", "7"),
        (RotationArgs, "every_days", 0),
        (RotationArgs, "every_days", 1001),
        (RotationArgs, "window_hours", 0),
        (RotationArgs, "window_hours", 25),
        (RotationArgs, "port", 0),
        (RotationArgs, "log_retention_days", 2),
        (RotationArgs, "account_id", "12"),
        (RotationArgs, "code", "code.zip"),
        (DatabaseLoginArgs, "every_days", 0),
        (DatabaseLoginArgs, "port", 65_536),
        (DatabaseLoginArgs, "secret_recovery_window_days", 6),
    ],
)
def test_a_bad_value_is_named(args_type: type[Any], field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=rf"^{field} is ") as problem:
        args_type(**{"context": examples.context(), **VALID[args_type](), field: value})
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("both", [{"every_days": 30, "schedule": "rate(4 hours)"}, {"every_days": None}])
def test_there_is_exactly_one_schedule(both: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=r"^schedule is "):
        RotationArgs(**{"context": examples.context(), **VALID[RotationArgs](), **both})


@pytest.mark.parametrize("given_value", [{"value": None}, {"generated": Generated()}])
def test_a_secret_has_exactly_one_value_and_the_error_does_not_show_it(given_value: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=r"^value is ") as problem:
        SecretArgs(**{"context": examples.context(), **VALID[SecretArgs](), **given_value})
    assert "swordfish" not in str(problem.value)


@pytest.mark.parametrize(
    ("args_type", "fields"),
    [
        (RotationArgs, ("every_days", "schedule", "window_hours", "port", "log_retention_days", "code")),
        (KeyArgs, ("rotation_period_days", "deletion_window_days", "users")),
        (SecretArgs, ("readers", "recovery_window_days")),
    ],
)
@given(data=st.data())
def test_hostile_values_are_taken_or_refused_by_name(
    args_type: type[Any], fields: tuple[str, ...], data: st.DataObject
) -> None:
    field, value = data.draw(st.sampled_from(fields)), data.draw(hostile)
    try:
        args_type(**{"context": examples.context(), **VALID[args_type](), field: value})
    except InvalidArgument as problem:
        assert "\n" not in str(problem)


@given(hostile, st.none() | hostile)
def test_hostile_generated_values_are_taken_or_refused(length: Any, keepers: Any) -> None:
    try:
        made = Generated(length=length, keepers=keepers or {})
    except InvalidArgument:
        return
    assert 20 <= made.length <= 128


def test_the_code_may_be_any_archive() -> None:
    archive = pulumi.FileArchive("build/rotation.zip")
    assert built(Rotation, code=archive).one("Function").inputs["handler"] == "rotation.handler.handle"
