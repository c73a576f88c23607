"""What Secrets Manager calls: one invocation for each step of a rotation."""

from __future__ import annotations

import logging
import os
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pg8000.exceptions import DatabaseError, InterfaceError

from rotation.errors import RotationError
from rotation.postgres import code_of
from rotation.steps import Rotation
from rotation.vault import Vault

log = logging.getLogger("rotation")
log.setLevel(logging.INFO)


def handle(event: dict[str, Any], context: Any) -> None:
    """Do the step that the event names.

    The environment names the master user's secret in `ADMIN_SECRET_ARN`, and region and credentials as for
    every AWS program. Raises RotationError, which holds no secret, and nothing else.
    """
    step, secret = str(event.get("Step")), str(event.get("SecretId"))
    client = boto3.client(
        "secretsmanager", config=Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 3})
    )
    try:
        Rotation(Vault(client), os.environ["ADMIN_SECRET_ARN"]).run(
            step, secret, str(event.get("ClientRequestToken"))
        )
    except Exception as error:
        reason = explain(error)
        log.error("%s failed: %s", step, reason)
        # Without the error itself: what others wrote into it is not ours to show.
        raise RotationError(f"{step} failed: {reason}") from None
    log.info("%s done", step)


def explain(error: Exception) -> str:
    """One line on an error, made of what can't be secret."""
    match error:
        case RotationError():
            reason = str(error)
        case ClientError():
            code = error.response.get("Error", {}).get("Code", "?")
            reason = f"{error.operation_name} was refused: {code}"
        case DatabaseError():
            reason = f"PostgreSQL refused with SQLSTATE {code_of(error)}"
        case InterfaceError() | OSError():
            reason = (
                "PostgreSQL can't be reached; look at subnets, security groups and the secret's host and port"
            )
        case BotoCoreError():
            reason = f"Secrets Manager can't be reached ({type(error).__name__})"
        case KeyError() if error.args == ("ADMIN_SECRET_ARN",):
            reason = "the environment variable ADMIN_SECRET_ARN is not set"
        case _:
            reason = f"an unforeseen {type(error).__name__}"
    return reason
