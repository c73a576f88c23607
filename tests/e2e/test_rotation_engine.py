"""A login and its rotation through the real engine: the archive's way, no drift, a new database."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from engine_workplace import Workplace

from localcloud import config
from localcloud.aws import server
from localcloud.dataplane import build_dataplane
from localcloud.dataplane.binaries import find_postgres
from localcloud.engine.acquire import ensure_engine
from localcloud.environment import write_plugins
from localcloud.ports import Ports
from localcloud.supervise import Supervisor

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(900)]

REPO = Path(__file__).parents[2]
PROGRAM = f"""
import sys
sys.path.insert(0, {str(REPO / "stacks")!r})
import pulumi
import pulumi_aws as aws
from components.context import Context
from components.network import Network, NetworkArgs
from components.storage import Database, DatabaseArgs, DatabaseLogin, DatabaseLoginArgs
from rotation_code import rotation_code

context = Context(
    organisation="example", project="understudy", environment="rotated", profile="preview", owner="tests",
    branch="rotated", commit="0", release="0")
which = pulumi.Config().get("database") or "orders"
network = Network("network", NetworkArgs(
    context=context, region="eu-west-1", zones=("a", "b"), nat="none", cidr="10.9.0.0/16"))
database = Database(which, DatabaseArgs(
    context=context, vpc_id=network.vpc_id, subnet_ids=network.data_subnet_ids,
    sources={{"private": network.plan.tier("private")}}, engine_version="15.13", backup_retention=0,
    deletion_protection=False, final_snapshot=False, secret_recovery_window_days=0))
login = DatabaseLogin("orders", DatabaseLoginArgs(
    context=context, account_id="123456789012", address=database.address, database_port=database.port,
    database_name=database.database_name, admin_secret_arn=database.secret_arn,
    database_security_group_id=database.security_group_id, vpc_id=network.vpc_id,
    subnet_ids=network.private_subnet_ids, code=rotation_code(), secret_recovery_window_days=0))
pulumi.export("secret", login.secret_arn)
"""


@contextmanager
def _servers(data: Path) -> Iterator[str]:
    """moto, and a data plane for what it plays; both are removed at the end."""
    data.chmod(0o755)
    supervisor = Supervisor(data, f"rotation-{uuid4().hex[:8]}")
    started = server.begin(supervisor, Ports(data), "127.0.0.1")
    cloud = config.LocalCloud(
        endpoint_url=started.url,
        host_address="127.0.0.1",
        kubeconfig="",
        context="none",
        generation=started.generation,
        own_cluster=False,
        image_import="none",
        postgres=config.PostgresMode(binaries=find_postgres()),
        redis=config.RedisMode(),
    )
    config.save(cloud, config.path_in(data))
    try:
        server.wait(supervisor, started)
        yield started.url
    finally:
        supervisor.stop(server.NAME)
        plane = build_dataplane(data, cloud.host_address, cloud.postgres, cloud.redis)
        for identifier in plane.databases.list():
            plane.databases.delete(identifier)
        plane.place.remove()


def _secret(client: Any, arn: str) -> dict[str, Any]:
    return json.loads(client.get_secret_value(SecretId=arn)["SecretString"])


def _login(given: dict[str, Any]) -> str:
    with psycopg.connect(
        host=given["host"],
        port=given["port"],
        dbname=given["dbname"],
        user=given["username"],
        password=given["password"],
        sslmode="require",
    ) as connection:
        row = connection.execute("SELECT current_user").fetchone()
        assert row
        return str(row[0])


def test_a_login_rotates_without_drift_and_follows_its_database() -> None:
    with tempfile.TemporaryDirectory(prefix="understudy-rotation-", dir="/var/tmp") as folder:
        place = Path(folder)
        data = place / "data"
        data.mkdir()
        place.chmod(0o755)
        with _servers(data) as url:
            _story(Workplace(place, ensure_engine().path), data, url)


def _story(workplace: Workplace, data: Path, url: str) -> None:
    plugins = write_plugins(data, Path(sys.executable))
    workplace.env |= {
        "PATH": f"{workplace.binaries}:{plugins}:{workplace.env['PATH']}",
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "UNDERSTUDY_DATA_DIR": str(data),
        "PYTHONPATH": str(REPO),
    }
    client = boto3.client(
        "secretsmanager",
        endpoint_url=url,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    folder = workplace.project("rotated", PROGRAM)
    workplace.pulumi("up", "--yes", "--skip-preview", cwd=folder)
    arn = workplace.pulumi("stack", "output", "secret", cwd=folder).strip()

    first = _secret(client, arn)
    assert first["username"] == "orders_app_clone"
    assert _login(first) == "orders_app_owner"

    client.rotate_secret(SecretId=arn)
    second = _secret(client, arn)
    assert second["username"] == "orders_app"
    assert _login(second) == _login(first) == "orders_app_owner"

    # What a rotation does is no drift, with and without a refresh, and an update undoes nothing of it.
    workplace.pulumi("preview", "--expect-no-changes", cwd=folder)
    workplace.pulumi("preview", "--refresh", "--expect-no-changes", cwd=folder)
    workplace.pulumi("up", "--yes", "--skip-preview", "--refresh", cwd=folder)
    assert _secret(client, arn) == second

    # Another database: the login follows, is rotated at once, and goes on being rotated.
    workplace.pulumi("config", "set", "database", "other", cwd=folder)
    workplace.pulumi("up", "--yes", "--skip-preview", cwd=folder)
    third = _secret(client, arn)
    assert third["dbname"] == "other"
    assert _login(third) == "orders_app_owner"
    assert client.describe_secret(SecretId=arn)["RotationEnabled"]
    client.rotate_secret(SecretId=arn)
    assert _login(_secret(client, arn)) == "orders_app_owner"

    state = workplace.pulumi("stack", "export", cwd=folder)
    for version in (first, second, third):
        assert version["password"] not in state
    workplace.pulumi("destroy", "--yes", "--skip-preview", cwd=folder)
    assert client.list_secrets()["SecretList"] == []
    assert not list((data / "run").glob("postgres-*.pid"))
