"""Cases of the RDS types."""

from __future__ import annotations

from typing import Any

from lifecycle import Case, Inputs, World

SUBNETS = "aws:rds/subnetGroup:SubnetGroup"
PARAMETERS = "aws:rds/parameterGroup:ParameterGroup"
INSTANCE = "aws:rds/instance:Instance"


def _subnets(world: World) -> list[str]:
    """Return two subnets in two zones, made once."""
    client = world.client("ec2")
    marked = [{"Name": "tag:for", "Values": ["rds"]}]
    found = client.describe_subnets(Filters=marked)["Subnets"]
    if not found:
        vpc = client.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
        tags = [{"ResourceType": "subnet", "Tags": [{"Key": "for", "Value": "rds"}]}]
        for number, zone in enumerate("ab"):
            client.create_subnet(
                VpcId=vpc,
                CidrBlock=f"10.77.{number}.0/24",
                AvailabilityZone=world.region + zone,
                TagSpecifications=tags,
            )
        found = client.describe_subnets(Filters=marked)["Subnets"]
    return sorted(each["SubnetId"] for each in found)


def _parameters(world: World, name: str, *values: tuple[str, str]) -> str:
    parameters = [{"name": key, "value": value} for key, value in values]
    return world.make(PARAMETERS, {"name": name, "family": "postgres15", "parameters": parameters})[0]


def _instance(world: World) -> Inputs:
    subnets = world.make(SUBNETS, {"name": "instances", "subnetIds": _subnets(world)})[0]
    return {
        "identifier": world.unique("db"),
        "engine": "postgres",
        "engineVersion": "15",
        "instanceClass": "db.t4g.micro",
        "allocatedStorage": 20,
        "dbName": "orders",
        "username": "orders",
        "password": "canary-password",
        "port": 5432,
        "dbSubnetGroupName": subnets,
        "parameterGroupName": _parameters(world, "first", ("log_min_duration_statement", "500")),
        "backupRetentionPeriod": 7,
        "multiAz": True,
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "storageType": "gp3",
        "storageEncrypted": True,
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "applyImmediately": True,
        "tags": {"a": "b"},
    }


def _changed(world: World, inputs: Inputs) -> Inputs:
    return {
        **inputs,
        "allocatedStorage": 40,
        "maxAllocatedStorage": 100,
        "instanceClass": "db.t4g.small",
        "password": "another-password",
        "parameterGroupName": _parameters(world, "second", ("log_min_duration_statement", "900")),
        "multiAz": False,
        "performanceInsightsRetentionPeriod": 31,
        "tags": {"c": "d"},
    }


def _set_parameter(world: World, id: str, _state: Inputs) -> None:
    changed = {"ParameterName": "work_mem", "ParameterValue": "9999", "ApplyMethod": "immediate"}
    world.client("rds").modify_db_parameter_group(DBParameterGroupName=id, Parameters=[changed])


_PARAMETERS: list[dict[str, Any]] = [
    {"name": "work_mem", "value": "8192"},
    {"name": "max_connections", "value": "60", "applyMethod": "pending-reboot"},
]

CASES = [
    Case(
        token=SUBNETS,
        create=lambda w: {"name": w.unique("sn"), "subnetIds": _subnets(w), "tags": {"a": "b"}},
        update=lambda w, inputs: {
            **inputs,
            "description": "other",
            "subnetIds": _subnets(w)[:1],
            "tags": {"c": "d"},
        },
        replace=lambda w, inputs: {**inputs, "name": w.unique("other")},
        drift=lambda w, id, _state: w.client("rds").modify_db_subnet_group(
            DBSubnetGroupName=id, DBSubnetGroupDescription="drift", SubnetIds=_subnets(w)[:1]
        ),
        drifted="description",
        bad=[
            ({"name": "Capital"}, "name"),
            ({"name": "default"}, "name"),
            ({"subnetIds": None}, "subnetIds"),
        ],
    ),
    Case(
        token=PARAMETERS,
        create=lambda w: {
            "name": w.unique("pg"),
            "family": "postgres15",
            "parameters": _PARAMETERS,
            "tags": {"a": "b"},
        },
        update=lambda w, inputs: {
            **inputs,
            "parameters": [{"name": "work_mem", "value": "4096"}, {"name": "jit", "value": "0"}],
            "tags": {"c": "d"},
        },
        replace=lambda w, inputs: {**inputs, "family": "postgres16"},
        drift=_set_parameter,
        drifted="parameters",
        bad=[
            ({"name": "Capital"}, "name"),
            (
                {"parameters": [{"name": "a", "value": "1", "applyMethod": "never"}]},
                "parameters[0].applyMethod",
            ),
            ({"parameters": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}, "parameters"),
        ],
    ),
    Case(
        token=INSTANCE,
        create=_instance,
        update=_changed,
        replace=lambda w, inputs: {**inputs, "username": "other"},
        drift=lambda w, id, _state: w.client("rds").modify_db_instance(
            DBInstanceIdentifier=id, BackupRetentionPeriod=3, ApplyImmediately=True
        ),
        drifted="backupRetentionPeriod",
        vanish=lambda w, id, _state: w.client("rds").delete_db_instance(
            DBInstanceIdentifier=id, SkipFinalSnapshot=True
        ),
        secrets=("password",),
        bad=[
            ({"engine": "mysql"}, "engine"),
            ({"password": "short"}, "password"),
            ({"password": None}, "password"),
            ({"skipFinalSnapshot": False}, "finalSnapshotIdentifier"),
            ({"backupRetentionPeriod": 36}, "backupRetentionPeriod"),
            ({"monitoringInterval": 60}, "monitoringRoleArn"),
            ({"monitoringInterval": 7}, "monitoringInterval"),
            ({"identifier": "Capital"}, "identifier"),
            ({"performanceInsightsRetentionPeriod": 8}, "performanceInsightsRetentionPeriod"),
            ({"username": None}, "username"),
            ({"iamDatabaseAuthenticationEnabled": True}, "iamDatabaseAuthenticationEnabled"),
        ],
        unread=("password", "port", "applyImmediately", "skipFinalSnapshot"),
    ),
]
