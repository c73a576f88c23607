"""Rotations of secrets."""

from __future__ import annotations

import uuid
from typing import Any

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.secretsmanager.secret import NOT_FOUND
from localcloud.fields import Block, Failures, Flag, Integer, Text
from localcloud.resource import Operation, Properties
from localcloud.values import UNKNOWN

_GONE = (*NOT_FOUND, "InvalidRequestException")


class SecretRotation(AwsType):
    """The rotation of a secret by a function; its id is the secret's ARN.

    With `rotateImmediately` the function's four steps have run when the create or update is done, and a step
    that failed fails it; AWS answers before they run. The rotation of managed secrets is not implemented.
    """

    token = "aws:secretsmanager/secretRotation:SecretRotation"
    source = read_from("secretsmanager/secret_rotation.go", "0413c661ec1b94f3033c98f3fbd1e8c1b2725589")
    service = "secretsmanager"
    inputs = {
        "rotateImmediately": Flag(default=True, write_only=True),
        "rotationEnabled": Flag(computed=True),
        "rotationLambdaArn": Text(check=arn),
        "rotationRules": Block(
            fields={
                "automaticallyAfterDays": Integer(minimum=1, maximum=1000),
                "duration": Text(pattern=r"[0-9]+h"),
                "scheduleExpression": Text(pattern=r"[0-9A-Za-z()#?*\-/, ]+", max_length=256),
            }
        ),
        "secretId": Text(required=True, force_new=True),
    }

    def timeout(self, action: str) -> float:
        return 300.0

    def validate(self, inputs: Properties) -> Failures:
        rules, enabled = inputs.get("rotationRules"), inputs.get("rotationEnabled")
        if rules is UNKNOWN or enabled is UNKNOWN:
            return []
        if enabled is False:
            given = rules is not None
            return [("rotationRules", "can't be given when rotationEnabled is false")] if given else []
        if rules is None:
            return [("rotationRules", "is required unless rotationEnabled is false")]
        ways = [rules.get(name) for name in ("automaticallyAfterDays", "scheduleExpression")]
        if sum(way is not None for way in ways) != 1:
            both = "exactly one of automaticallyAfterDays and scheduleExpression must be given"
            return [("rotationRules", both)]
        return []

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        if inputs.get("rotationEnabled") is False:
            return client.cancel_rotate_secret(SecretId=inputs["secretId"])["ARN"]
        return self._rotate(operation, client, inputs)

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = attempt(NOT_FOUND, self.client(state).describe_secret, SecretId=identity)
        if live is None or live.get("DeletedDate"):
            return None
        enabled = bool(live.get("RotationEnabled"))
        if not enabled and state.get("rotationEnabled") is not False:
            return None  # somebody cancelled it: an update makes it anew
        rules = live.get("RotationRules") or {}
        schedule = rules.get("ScheduleExpression")
        days = None if schedule else rules.get("AutomaticallyAfterDays") or None
        found = {
            "rotateImmediately": state.get("rotateImmediately"),
            "rotationEnabled": enabled,
            "rotationLambdaArn": live.get("RotationLambdaARN") if enabled else None,
            "rotationRules": {
                "automaticallyAfterDays": days,
                "duration": rules.get("Duration"),
                "scheduleExpression": schedule,
            }
            if enabled
            else None,
            "secretId": live["ARN"] if state.get("secretId") in (None, live["ARN"]) else state["secretId"],
        }
        if found["rotationRules"]:
            found["rotationRules"] = {k: v for k, v in found["rotationRules"].items() if v is not None}
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        told = ("rotationEnabled", "rotationLambdaArn", "rotationRules")
        if any(old.get(name) != new.get(name) for name in told):
            self.make(operation, new)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_GONE, self.client(state).cancel_rotate_secret, SecretId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        live = attempt(NOT_FOUND, self.client(inputs).describe_secret, SecretId=inputs["secretId"])
        same = live and live.get("RotationEnabled") and live.get("RotationLambdaARN")
        return live["ARN"] if live and same == inputs.get("rotationLambdaArn") else None

    def _rotate(self, operation: Operation, client: Any, inputs: Properties) -> str:
        rules = inputs["rotationRules"]
        names = {
            "AutomaticallyAfterDays": "automaticallyAfterDays",
            "Duration": "duration",
            "ScheduleExpression": "scheduleExpression",
        }
        if inputs["rotateImmediately"]:
            operation.say("rotating the secret")
        return client.rotate_secret(
            SecretId=inputs["secretId"],
            ClientRequestToken=str(uuid.uuid4()),
            RotateImmediately=inputs["rotateImmediately"],
            RotationRules={api: rules[key] for api, key in names.items() if rules.get(key) is not None},
            **({"RotationLambdaARN": inputs["rotationLambdaArn"]} if inputs.get("rotationLambdaArn") else {}),
        )["ARN"]
