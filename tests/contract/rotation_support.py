"""A database whose application's secret is rotated by the project's own function, all of it real."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from cases.aws_lambda import FUNCTION, PERMISSION, function
from cases.aws_rds import INSTANCE, _instance
from lifecycle import Inputs, World

from localcloud.wire import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "stacks"), str(ROOT / "services" / "rotation")]
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
SECRET = "aws:secretsmanager/secret:Secret"


@cache
def code() -> dict[str, Any]:
    """The function's archive as the engine sends it."""
    from rotation_code import rotation_code

    assets = rotation_code().assets
    files = {name: {SIGNATURE_KEY: ASSET_SIGNATURE, "path": asset.path} for name, asset in assets.items()}  # pyright: ignore[reportAttributeAccessIssue]
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "assets": files}


@dataclass
class Rotated:
    """One database with the secrets of its master user (`admin`) and of its application (`secret`)."""

    world: World
    instance: Inputs
    admin: str
    secret: str
    function: str

    @property
    def secrets(self) -> Any:
        return self.world.client("secretsmanager")

    def current(self, stage: str = "AWSCURRENT") -> dict[str, Any]:
        """What the application reads."""
        answer = self.secrets.get_secret_value(SecretId=self.secret, VersionStage=stage)
        return json.loads(answer["SecretString"])

    def rotate(self) -> None:
        """As `aws secretsmanager rotate-secret` does it by hand."""
        self.secrets.rotate_secret(SecretId=self.secret)

    def connect(self, credentials: dict[str, Any] | None = None) -> psycopg.Connection[Any]:
        """A connection as the application makes it."""
        given = credentials or self.current()
        return psycopg.connect(
            host=given["host"],
            port=given["port"],
            dbname=given["dbname"],
            user=given["username"],
            password=given["password"],
            sslmode=given["sslmode"],
            autocommit=True,
        )

    def master(self) -> psycopg.Connection[Any]:
        """A connection of the master user."""
        answer = self.secrets.get_secret_value(SecretId=self.admin)
        return self.connect(json.loads(answer["SecretString"]))


@contextmanager
def rotated_database(world: World, *, start: bool = True, **settings: Any) -> Iterator[Rotated]:
    """Make database, secrets, function and, with `start`, the rotation, which rotates at once."""
    inputs = world.engine.checked(INSTANCE, {**_instance(world), **settings})
    identity, state = world.engine.create(INSTANCE, inputs)
    place = {"engine": "postgres", "host": state["address"], "port": state["port"], "dbname": "orders"}
    try:
        admin = _secret(world, {**place, "username": "orders", "password": "canary-password"})
        initial = {**place, "username": "orders_app", "password": "never-valid-canary", "note": "kept"}
        secret = _secret(world, initial)
        made = world.engine.checked(
            FUNCTION,
            function(
                world,
                code=code(),
                handler="rotation.handler.handle",
                timeout=60,
                environment={"variables": {"ADMIN_SECRET_ARN": admin}},
            ),
        )
        arn = world.engine.create(FUNCTION, made)[1]["arn"]
        allowed = {
            "function": arn,
            "action": "lambda:InvokeFunction",
            "principal": "secretsmanager.amazonaws.com",
            "sourceAccount": world.account,
            "sourceArn": secret,
            "statementId": "rotate",
        }
        world.engine.create(PERMISSION, world.engine.checked(PERMISSION, allowed))
        if start:
            rotation = {
                "secretId": secret,
                "rotationLambdaArn": arn,
                "rotationRules": {"automaticallyAfterDays": 30},
            }
            world.engine.create(ROTATION, world.engine.checked(ROTATION, rotation))
        yield Rotated(world, state, admin, secret, arn)
    finally:
        world.engine.delete(INSTANCE, identity, inputs, state)


def _secret(world: World, value: dict[str, Any]) -> str:
    arn = world.client("secretsmanager").create_secret(
        Name=world.unique("rotated"), SecretString=json.dumps({"sslmode": "require", **value})
    )["ARN"]
    return str(arn)
