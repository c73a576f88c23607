"""The server that plays AWS, as a real process on loopback."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from localcloud.aws import server
from localcloud.ports import Ports
from localcloud.supervise import Supervisor

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket]


@pytest.fixture
def servers(tmp_path: Path):
    supervisor = Supervisor(tmp_path, f"aws-{tmp_path.name}")
    yield supervisor
    supervisor.stop(server.NAME)


def _begin(servers: Supervisor) -> server.MotoServer:
    started = server.begin(servers, Ports(servers.data), "127.0.0.1")
    server.wait(servers, started)
    return started


def test_same_port_new_generation_after_a_restart(servers: Supervisor):
    first = _begin(servers)
    assert first.restarted
    again = _begin(servers)
    assert not again.restarted and again.generation == first.generation
    servers.stop(server.NAME)
    assert server.running_generation("127.0.0.1", first.port) is None
    second = _begin(servers)
    assert second.port == first.port and second.generation != first.generation and second.restarted


def test_another_program_on_its_port(servers: Supervisor):
    first = _begin(servers)
    servers.stop(server.NAME)
    with socket.create_server(("127.0.0.1", first.port)):
        assert _begin(servers).port != first.port


def test_concurrent_requests_and_managed_policies(servers: Supervisor):
    url = _begin(servers).url
    options = {"region_name": "eu-central-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}
    sqs = boto3.client("sqs", endpoint_url=url, **options)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sqs.create_queue(QueueName=f"q{number}"), range(40)))
    assert len(sqs.list_queues()["QueueUrls"]) == 40
    iam = boto3.client("iam", endpoint_url=url, **options)
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    s3 = boto3.client("s3", endpoint_url=url, **options)
    s3.create_bucket(Bucket="canary-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="canary-bucket", Key="k", Body=b"x" * 5_000_000)
    assert s3.get_object(Bucket="canary-bucket", Key="k")["Body"].read() == b"x" * 5_000_000
    assert "canary" not in servers.log_file(server.NAME).read_text()  # no request is logged
