"""Cases of the Lambda types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, Inputs, World

from localcloud.wire import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY

FUNCTION = "aws:lambda/function:Function"
PERMISSION = "aws:lambda/permission:Permission"
ROLE = "aws:iam/role:Role"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/one"
ECHO = "def handle(event, context):\n    return {'got': event}\n"


def code(**files: str) -> dict[str, Any]:
    """An archive of Python modules, as the engine sends it."""
    assets = {f"{name}.py": {SIGNATURE_KEY: ASSET_SIGNATURE, "text": text} for name, text in files.items()}
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "assets": assets}


def role(world: World) -> str:
    """The ARN of a role that Lambda may take."""
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"},
    }
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return world.make(ROLE, {"name": "functions", "assumeRolePolicy": trust})[1]["arn"]


def function(world: World, text: str = ECHO, **others: Any) -> Inputs:
    """Inputs of a function."""
    return {
        "name": world.unique("fn"),
        "code": code(main=text),
        "handler": "main.handle",
        "runtime": "python3.11",
        "role": role(world),
        **others,
    }


def _made(world: World) -> str:
    return world.make(FUNCTION, function(world))[0]


CASES = [
    Case(
        token=FUNCTION,
        create=lambda w: function(
            w,
            description="a function",
            environment={"variables": {"A": "1"}},
            kmsKeyArn=KEY,
            memorySize=256,
            timeout=30,
            publish=True,
            reservedConcurrentExecutions=2,
            tracingConfig={"mode": "Active"},
            vpcConfig={"securityGroupIds": ["sg-1"], "subnetIds": ["subnet-1", "subnet-2"]},
            tags={"a": "b"},
        ),
        update=lambda w, inputs: {
            **{key: value for key, value in inputs.items() if key not in ("description", "kmsKeyArn")},
            "code": code(main=ECHO, other="X = 1\n"),
            "environment": {"variables": {"B": "2"}},
            "ephemeralStorage": {"size": 1024},
            "memorySize": 512,
            "reservedConcurrentExecutions": -1,
            "vpcConfig": {"securityGroupIds": ["sg-2"], "subnetIds": ["subnet-2", "subnet-1"]},
            "tags": {"c": "d"},
        },
        replace=lambda w, inputs: {**inputs, "name": w.unique("other")},
        drift=lambda w, id, _state: w.client("lambda").update_function_configuration(
            FunctionName=id, Timeout=77
        ),
        drifted="timeout",
        vanish=lambda w, id, _state: w.client("lambda").delete_function(FunctionName=id),
        bad=[
            ({"timeout": 0}, "timeout"),
            ({"timeout": 901}, "timeout"),
            ({"memorySize": 127}, "memorySize"),
            ({"memorySize": 10_241}, "memorySize"),
            ({"handler": None}, "handler"),
            ({"runtime": None}, "runtime"),
            ({"code": None}, "code"),
            ({"code": "print()"}, "code"),
            ({"role": "nobody"}, "role"),
            ({"architectures": ["mips"]}, "architectures[0]"),
            ({"packageType": "Image"}, "packageType"),
            ({"imageUri": "x"}, "imageUri"),
            ({"name": "a b"}, "name"),
            ({"vpcConfig": {"subnetIds": ["subnet-1"]}}, "vpcConfig.securityGroupIds"),
        ],
        unread=("code", "publish"),
    ),
    Case(
        token=PERMISSION,
        create=lambda w: {
            "function": _made(w),
            "action": "lambda:InvokeFunction",
            "principal": "secretsmanager.amazonaws.com",
            "sourceAccount": w.account,
            "sourceArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:s-AbCdEf",
            "statementId": w.unique("rotate"),
        },
        replace=lambda w, inputs: {**inputs, "principal": "sns.amazonaws.com"},
        vanish=lambda w, id, state: w.client("lambda").remove_permission(
            FunctionName=state["function"], StatementId=id
        ),
        import_id=lambda id, state: f"{state['function']}/{id}",
        bad=[
            ({"action": "sqs:SendMessage"}, "action"),
            ({"function": "a b"}, "function"),
            ({"sourceAccount": "12"}, "sourceAccount"),
            ({"sourceArn": "x"}, "sourceArn"),
            ({"statementId": "a b"}, "statementId"),
            ({"eventSourceToken": "x"}, "eventSourceToken"),
        ],
    ),
]
