"""Secrets Manager: RotateSecret rotates.

moto calls the function of a rotation without looking at its answer, takes the new version for the current one
whatever the function did, forgets a schedule expression, and goes on handing out the old version after
AWSCURRENT was moved. Here the four steps run in order; a step that fails ends the rotation, and AWSCURRENT
stays.
"""

from __future__ import annotations

import json
import time
import uuid
from fnmatch import fnmatchcase
from typing import Any

from moto.awslambda.utils import get_backend
from moto.core.exceptions import JsonRESTError
from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    ResourceNotFoundException,
    SecretNotFoundException,
    SecretsManagerClientError,
)
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_CURRENT, _PENDING = "AWSCURRENT", "AWSPENDING"
_PRINCIPAL = "secretsmanager.amazonaws.com"
_DAY = 86_400


def install() -> None:
    """Put the rotation in the place of moto's own."""
    if SecretsManagerBackend.rotate_secret is _rotate_secret:
        return
    SecretsManagerBackend.rotate_secret = _rotate_secret
    move, describe = SecretsManagerBackend.update_secret_version_stage, FakeSecret.to_dict

    def update_secret_version_stage(
        self: SecretsManagerBackend,
        secret_id: str,
        version_stage: str,
        remove_from_version_id: str,
        move_to_version_id: str,
    ) -> tuple[str, str]:
        answer = move(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
        if version_stage == _CURRENT and move_to_version_id:
            secret: Any = self.secrets[secret_id]
            secret.set_default_version_id(move_to_version_id)
        return answer

    def to_dict(self: FakeSecret) -> dict[str, Any]:
        described = describe(self)
        rules = getattr(self, "rotation_rules", None)
        if rules:
            described["RotationRules"] = dict(rules)
        return described

    SecretsManagerBackend.update_secret_version_stage = update_secret_version_stage
    FakeSecret.to_dict = to_dict


def _rotate_secret(
    self: SecretsManagerBackend,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> str:
    secret: Any = self.secrets.get(secret_id)
    if secret is None:
        raise SecretNotFoundException()
    if isinstance(secret, ReplicaSecret):
        raise InvalidRequestException(
            "Operation not permitted on a replica secret. Call must be made in primary."
        )
    if secret.is_deleted():
        raise InvalidRequestException("You can't perform this operation on a secret that was marked deleted.")
    function = rotation_lambda_arn or secret.rotation_lambda_arn
    if not function:
        raise InvalidRequestException("No Lambda rotation function ARN is associated with this secret.")
    _check_rules(rotation_rules)
    _check_callable(self, secret, function)
    secret.rotation_requested = secret.rotation_enabled = True
    secret.rotation_lambda_arn = function
    if rotation_rules:
        secret.rotation_rules = dict(rotation_rules)
        secret.auto_rotate_after_days = rotation_rules.get("AutomaticallyAfterDays", 0)
        days = secret.auto_rotate_after_days
        secret.next_rotation_date = int(time.time()) + days * _DAY if days else None
    if rotate_immediately:
        version = _begin(secret, client_request_token)
        if _CURRENT not in secret.versions[version]["version_stages"]:
            _run_steps(self, secret, function, version)
            secret.last_rotation_date = int(time.time())
        return secret.to_short_dict(version_id=version)
    return secret.to_short_dict()


def _check_rules(rules: dict[str, Any] | None) -> None:
    if not rules:
        return
    days, schedule = rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")
    if (days is None) == (schedule is None):
        raise InvalidParameterException("Name either AutomaticallyAfterDays or ScheduleExpression.")
    if days is not None and not 1 <= days <= 1000:
        raise InvalidParameterException("RotationRules.AutomaticallyAfterDays must be within 1-1000.")


def _check_callable(backend: SecretsManagerBackend, secret: Any, arn: str) -> None:
    """Refuse a function that is not there, or whose policy does not let Secrets Manager in."""
    try:
        function = get_backend(backend.account_id, backend.region_name).get_function(arn)
    except JsonRESTError:
        raise ResourceNotFoundException(f"Lambda can't find the function {arn}.") from None
    facts = {"aws:sourceaccount": backend.account_id, "aws:sourcearn": secret.arn}
    if not any(_allows(statement, facts) for statement in function.policy.statements):
        raise SecretsManagerClientError(
            "AccessDeniedException",
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy "
            f"of {arn} grants access to the principal {_PRINCIPAL}.",
        )


def _allows(statement: dict[str, Any], facts: dict[str, str]) -> bool:
    principal = statement.get("Principal")
    if (principal.get("Service") if isinstance(principal, dict) else principal) != _PRINCIPAL:
        return False
    tests = [test for tests in (statement.get("Condition") or {}).values() for test in tests.items()]
    return all(fnmatchcase(facts.get(key.lower(), ""), str(wanted)) for key, wanted in tests)


def _begin(secret: Any, token: str | None) -> str:
    """Return the version to make: the one that an earlier rotation left unfinished, else a new one."""
    for version, held in list(secret.versions.items()):
        if _PENDING in held["version_stages"] and _CURRENT not in held["version_stages"]:
            return version
    version = token or str(uuid.uuid4())
    if version not in secret.versions:
        secret.remove_version_stages_from_old_versions([_PENDING])
        made = {"createdate": int(time.time()), "version_id": version, "version_stages": [_PENDING]}
        secret.versions[version] = made
    return version


def _run_steps(backend: SecretsManagerBackend, secret: Any, arn: str, version: str) -> None:
    functions = get_backend(backend.account_id, backend.region_name)
    for step in STEPS:
        event = {"Step": step, "SecretId": secret.arn, "ClientRequestToken": version}
        headers: dict[str, str] = {}
        payload = functions.invoke(arn, None, json.dumps(event), {}, headers)
        if "x-amz-function-error" in headers:
            reason = json.loads(payload or "{}").get("errorMessage", "the function gave no reason")
            raise InvalidRequestException(
                f"rotation of {secret.name} stopped at {step}, the current version stays: {reason}"
            )
    if _CURRENT not in secret.versions[version]["version_stages"]:
        raise InvalidRequestException(
            f"rotation of {secret.name}: finishSecret did not make the new version the current one"
        )
