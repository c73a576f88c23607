"""Cases of the Secrets Manager types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, Inputs, World

from .aws_lambda import FUNCTION, PERMISSION, function

SECRET = "aws:secretsmanager/secret:Secret"


def _policy(action: str = "secretsmanager:GetSecretValue") -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _secret(world: World) -> str:
    return world.make(SECRET, {"name": world.unique("made"), "recoveryWindowInDays": 0})[0]


def _purge(world: World, id: str, _state: Inputs) -> None:
    client, secret = world.client("secretsmanager"), id.split("|", maxsplit=1)[0]
    replicas = client.describe_secret(SecretId=secret).get("ReplicationStatus") or []
    if replicas:
        client.remove_regions_from_replication(
            SecretId=secret, RemoveReplicaRegions=[each["Region"] for each in replicas]
        )
    client.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)


# The least that rotates: every step does what it must and asks nobody.
ROTATES = """
import boto3

def handle(event, context):
    secrets, secret, token = boto3.client("secretsmanager"), event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        secrets.put_secret_value(
            SecretId=secret, ClientRequestToken=token, SecretString=token, VersionStages=["AWSPENDING"])
    if event["Step"] == "finishSecret":
        stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current = next(version for version, held in stages.items() if "AWSCURRENT" in held)
        secrets.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current)
"""


def rotation(world: World, text: str = ROTATES, **others: Any) -> Inputs:
    """Inputs of a rotation of a secret with a value, by a function that Secrets Manager may call."""
    secret = _secret(world)
    world.client("secretsmanager").put_secret_value(SecretId=secret, SecretString="first")
    arn = world.make(FUNCTION, {**function(world, text), "timeout": 30})[1]["arn"]
    allowed = {
        "action": "lambda:InvokeFunction",
        "function": arn,
        "principal": "secretsmanager.amazonaws.com",
    }
    world.make(PERMISSION, {**allowed, "statementId": world.unique("rotate"), "sourceAccount": world.account})
    return {
        "secretId": secret,
        "rotationLambdaArn": arn,
        "rotationRules": {"automaticallyAfterDays": 30},
        **others,
    }


CASES = [
    Case(
        token="aws:secretsmanager/secretRotation:SecretRotation",
        create=rotation,
        update=lambda w, inputs: {
            **inputs,
            "rotationRules": {"scheduleExpression": "rate(4 hours)", "duration": "2h"},
        },
        replace=lambda w, inputs: {**inputs, "secretId": _secret(w)},
        drift=lambda w, id, _state: w.client("secretsmanager").rotate_secret(
            SecretId=id, RotationRules={"AutomaticallyAfterDays": 7}, RotateImmediately=False
        ),
        drifted="rotationRules",
        vanish=lambda w, id, _state: w.client("secretsmanager").cancel_rotate_secret(SecretId=id),
        bad=[
            ({"rotationRules": {"automaticallyAfterDays": 0}}, "rotationRules.automaticallyAfterDays"),
            ({"rotationRules": {"automaticallyAfterDays": 1001}}, "rotationRules.automaticallyAfterDays"),
            ({"rotationRules": {}}, "rotationRules"),
            (
                {"rotationRules": {"automaticallyAfterDays": 1, "scheduleExpression": "rate(1 day)"}},
                "rotationRules",
            ),
            ({"rotationRules": None}, "rotationRules"),
            ({"rotationEnabled": False}, "rotationRules"),
            (
                {"rotationRules": {"automaticallyAfterDays": 1, "duration": "2 hours"}},
                "rotationRules.duration",
            ),
            ({"rotationLambdaArn": "rotate"}, "rotationLambdaArn"),
        ],
        unread=("rotateImmediately",),
    ),
    Case(
        token=SECRET,
        create=lambda w: {
            "name": w.unique("app/secret"),
            "description": "a secret",
            "kmsKeyId": "alias/own",
            "policy": _policy(),
            "recoveryWindowInDays": 0,
            "replicas": [{"region": "eu-west-1"}],
            "tags": {"a": "b"},
        },
        update=lambda w, inputs: {
            key: value
            for key, value in {
                **inputs,
                "policy": _policy("secretsmanager:DescribeSecret"),
                "tags": {"c": "d"},
                "replicas": [{"region": "eu-west-2"}],
            }.items()
            if key not in ("description", "kmsKeyId")
        },
        replace=lambda w, inputs: {**inputs, "name": w.unique("other")},
        drift=lambda w, id, _state: w.client("secretsmanager").update_secret(
            SecretId=id, Description="drifted"
        ),
        drifted="description",
        vanish=_purge,
        bad=[
            ({"recoveryWindowInDays": 6}, "recoveryWindowInDays"),
            ({"recoveryWindowInDays": 31}, "recoveryWindowInDays"),
            ({"name": "a b"}, "name"),
            ({"policy": "{"}, "policy"),
            ({"namePrefix": "a"}, "name"),
        ],
        unread=("recoveryWindowInDays",),
    ),
    Case(
        token=SECRET,
        create=lambda w: {"name": w.unique("app/window")},
        vanish=lambda w, id, _state: w.client("secretsmanager").delete_secret(
            SecretId=id, RecoveryWindowInDays=7
        ),
    ),
    Case(
        token="aws:secretsmanager/secretVersion:SecretVersion",
        create=lambda w: {"secretId": _secret(w), "secretString": "s3cret"},
        update=lambda w, inputs: {**inputs, "versionStages": ["AWSCURRENT", "BLUE"]},
        replace=lambda w, inputs: {**inputs, "secretString": "other"},
        drift=lambda w, id, _state: w.client("secretsmanager").update_secret_version_stage(
            SecretId=id.split("|")[0], VersionStage="BLUE", RemoveFromVersionId=id.split("|")[1]
        ),
        drifted="versionStages",
        vanish=_purge,
        secrets=("secretString",),
        stays=True,
        bad=[
            ({"secretBinary": "YQ=="}, "secretBinary"),
            ({"secretString": None, "secretBinary": "no base64!"}, "secretBinary"),
            ({"secretStringWo": "x"}, "secretStringWo"),
        ],
    ),
    Case(
        token="aws:secretsmanager/secretVersion:SecretVersion",
        create=lambda w: {
            "secretId": _secret(w),
            "secretBinary": "YWJj",
            "versionStages": ["AWSCURRENT", "GREEN"],
        },
        vanish=_purge,
        secrets=("secretBinary",),
        stays=True,
    ),
    Case(
        token="aws:secretsmanager/secretVersion:SecretVersion",
        create=lambda w: {"secretId": _secret(w), "secretStringWo": "s3cret", "secretStringWoVersion": 1},
        replace=lambda w, inputs: {**inputs, "secretStringWo": "other", "secretStringWoVersion": 2},
        vanish=_purge,
        secrets=("secretStringWo",),
        unread=("secretStringWo", "secretStringWoVersion"),
        stays=True,
    ),
    Case(
        token="aws:secretsmanager/secretPolicy:SecretPolicy",
        create=lambda w: {"secretArn": _secret(w), "policy": _policy(), "blockPublicPolicy": True},
        update=lambda w, inputs: {**inputs, "policy": _policy("secretsmanager:*")},
        replace=lambda w, inputs: {**inputs, "secretArn": _secret(w)},
        drift=lambda w, id, _state: w.client("secretsmanager").put_resource_policy(
            SecretId=id, ResourcePolicy=_policy("secretsmanager:List*")
        ),
        drifted="policy",
        vanish=_purge,
        bad=[({"secretArn": "no-arn"}, "secretArn"), ({"policy": "x"}, "policy")],
        unread=("blockPublicPolicy",),
    ),
]
