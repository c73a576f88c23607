"""Sessions: local endpoints only, quick and plain errors, clients shared by all threads."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from localcloud.aws.package import AwsPackage, package
from localcloud.aws.session import AwsSession, partition_of
from localcloud.aws.settings import Settings
from localcloud.resource import LocalError, UnknownToken


@pytest.fixture(autouse=True)
def _no_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Broken(http.server.BaseHTTPRequestHandler):
    """Answers everything with a page that no AWS parser reads."""

    count = 0

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        type(self).count += 1
        body = b"<!doctype html>\n<title>500 Internal Server Error</title>"
        self.send_response(500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def broken_server() -> Iterator[str]:
    Broken.count = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def session_at(url: str, **settings: object) -> AwsSession:
    session = AwsSession()
    session._settings = Settings(
        region="eu-central-1",
        environment={"AWS_ENDPOINT_URL": url},
        **settings,  # pyright: ignore[reportArgumentType]
    )
    return session


def test_no_endpoint_says_how_to_mend_it() -> None:
    with pytest.raises(LocalError, match=r'no local endpoint .* run `eval "\$\(understudy env\)"`'):
        package().configure({"region": "eu-central-1"})


def test_an_endpoint_elsewhere_is_refused() -> None:
    with pytest.raises(LocalError, match="is not on this machine"):
        package().configure({"region": "eu-central-1", "endpoints": [{"sts": "https://198.51.100.1"}]})


def test_any_endpoint_elsewhere_is_refused(broken_server: str) -> None:
    endpoints = [{"sts": broken_server, "sqs": "https://198.51.100.1"}]
    with pytest.raises(LocalError, match="is not on this machine"):
        package().configure({"region": "eu-central-1", "endpoints": endpoints})


def test_nothing_there_is_said_at_once(closed_port: int) -> None:
    began = time.monotonic()
    with pytest.raises(LocalError, match="can't be reached; start it with `understudy local up`"):
        package().configure(
            {"region": "eu-central-1", "endpoints": [{"sts": f"http://127.0.0.1:{closed_port}"}]}
        )
    assert time.monotonic() - began < 3


def test_a_call_gives_up_soon_when_nothing_is_there(closed_port: int) -> None:
    session = session_at(f"http://127.0.0.1:{closed_port}")
    began = time.monotonic()
    with pytest.raises(Exception) as caught:
        session.client("ec2").describe_vpcs()
    assert time.monotonic() - began < 6
    line = AwsPackage().explain(caught.value)
    assert line is not None
    assert "understudy local up" in line


@pytest.mark.parametrize("service", ["ec2", "iam", "sqs", "s3"])
def test_a_broken_server_is_tried_again_and_named(broken_server: str, service: str) -> None:
    call = {
        "ec2": "describe_vpcs",
        "iam": "list_roles",
        "sqs": "list_queues",
        "s3": "create_bucket",
    }[service]
    Broken.do_PUT = Broken.do_POST  # type: ignore[attr-defined]
    arguments = {"Bucket": "bucket"} if service == "s3" else {}
    session = session_at(broken_server, attempts=2)
    with pytest.raises(Exception) as caught:
        getattr(session.client(service), call)(**arguments)
    assert Broken.count == 2
    line = AwsPackage().explain(caught.value)
    assert line is not None
    assert "500" in line
    assert "\n" not in line


def test_the_users_own_aws_setup_is_left_alone(broken_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
    monkeypatch.setenv("AWS_RETRY_MODE", "nonsense")
    monkeypatch.setenv("HTTP_PROXY", "http://198.51.100.1:3128")
    session = session_at(broken_server, attempts=1)
    with pytest.raises(Exception, match="500"):
        session.client("sqs").list_queues()


def test_all_threads_share_one_client() -> None:
    session = session_at("http://127.0.0.1:1")
    with ThreadPoolExecutor(16) as pool:
        clients = set(pool.map(lambda _: session.client("sqs"), range(64)))
    assert len(clients) == 1
    assert session.client("sqs", "eu-west-1") not in clients


def test_before_it_is_configured_nothing_works() -> None:
    with pytest.raises(LocalError, match="before it was configured"):
        AwsSession().client("sqs")


def test_unknown_tokens_are_named() -> None:
    with pytest.raises(UnknownToken, match="aws:gamelift/fleet:Fleet"):
        package().resource("aws:gamelift/fleet:Fleet")
    with pytest.raises(UnknownToken, match="getAmi"):
        package().function("aws:ec2/getAmi:getAmi")


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_partitions(region: str, partition: str) -> None:
    assert partition_of(region) == partition
