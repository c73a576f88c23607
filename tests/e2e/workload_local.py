"""The two services as plain processes, with moto, PostgreSQL and Redis on the loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.config import Config

from understudy.images import Image

REGION = "eu-central-1"
_ROLE = "arn:aws:iam::123456789012:role/workload"
_START_SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def http_status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Process:
    """A child process with its output in a file."""

    name: str
    command: list[str]
    env: dict[str, str]
    log: Path
    user: str | None = None
    child: subprocess.Popen | None = field(default=None, init=False)

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                self.command, env=self.env, stdout=output, stderr=output, cwd="/", user=self.user
            )

    def stop(self, sign: int = signal.SIGTERM, seconds: float = 30) -> int | None:
        if self.child is None or self.child.poll() is not None:
            return self.child.returncode if self.child else None
        self.child.send_signal(sign)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def lines_with(self, key: str, value: str, *, within: float = 10) -> list[dict]:
        """The log lines whose `key` is `value`, once there is one; a line may come after the reply."""
        deadline = time.monotonic() + within
        while not (found := [line for line in self.lines() if line.get(key) == value]):
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return found

    def resident_mib(self) -> float:
        assert self.child is not None
        for line in Path(f"/proc/{self.child.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0


@dataclass
class Workload:
    """All that runs, and where."""

    endpoint: str
    outputs: dict[str, str]
    processes: dict[str, Process]
    ports: dict[str, int]
    secrets: dict[str, str]

    def client(self, service: str):
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            config=Config(s3={"addressing_style": "path"}),
        )

    def await_ready(self) -> None:
        for name in ("pricing", "orders"):
            wait_until(
                lambda name=name: http_status(self.ports[f"{name}-http"], "/readyz") == 200, f"{name} ready"
            )


def extract(image: Image, folder: Path) -> Path:
    """Take the program out of an image's archive, as a container runtime would."""
    with tarfile.open(image.archive) as archive:
        manifest = json.load(archive.extractfile("manifest.json"))[0]  # pyright: ignore[reportArgumentType]
        with tarfile.open(fileobj=archive.extractfile(manifest["Layers"][-1])) as layer:
            layer.extract(image.name, folder, filter="fully_trusted")
    return folder / image.name


@contextmanager
def workload(folder: Path, images: dict[str, Image]) -> Iterator[Workload]:
    """Run everything; stop it at the end, last started first.

    ``folder`` must be open to other users: PostgreSQL refuses root, and must still reach its data.
    """
    programs = {name: extract(image, folder) for name, image in images.items()}
    names = ("moto", "postgres", "redis", "grpc", "pricing-http", "orders-http")
    ports = {name: free_port() for name in names}
    endpoint = f"http://127.0.0.1:{ports['moto']}"
    with ExitStack() as stack:
        processes: dict[str, Process] = {}

        def launch(name: str, command: list[str], env: dict[str, str], user: str | None = None) -> None:
            processes[name] = Process(name, command, env, folder / f"{name}.log", user)
            stack.callback(processes[name].stop)
            processes[name].start()

        plain = {"PATH": os.environ["PATH"], "HOME": str(folder)}
        moto = shutil.which("moto_server") or str(Path(sys.executable).parent / "moto_server")
        launch("moto", [moto, "-H", "127.0.0.1", "-p", str(ports["moto"])], plain)
        launch("redis", _redis(ports["redis"], "cache-word-1", folder), plain)
        launch("postgres", *_postgres(folder, ports["postgres"], plain))
        wait_until(lambda: all(listening(ports[name]) for name in ("moto", "redis", "postgres")), "servers")
        running = Workload(endpoint, {}, processes, ports, {})
        _resources(running)
        token = folder / "token"
        token.write_text("header.payload.signature")
        identity = plain | {
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ROLE_ARN": _ROLE,
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
            "AWS_EC2_METADATA_DISABLED": "true",
            "ENVIRONMENT": "local-test",
            "RELEASE": "r1",
            "SHUTDOWN_GRACE_SECONDS": "10",
        }
        pricing = {
            "SERVICE_NAME": "pricing",
            "GRPC_PORT": str(ports["grpc"]),
            "HTTP_PORT": str(ports["pricing-http"]),
            "CACHE_SECRET_ARN": running.secrets["cache"],
        }
        orders = {
            "SERVICE_NAME": "orders",
            "HTTP_PORT": str(ports["orders-http"]),
            "PRICING_ADDRESS": f"127.0.0.1:{ports['grpc']}",
            "ORDERS_QUEUE_URL": running.outputs["orders_queue_url"],
            "ORDERS_DEAD_LETTER_QUEUE_URL": running.outputs["orders_dead_letter_queue_url"],
            "REPLIES_QUEUE_URL": running.outputs["replies_queue_url"],
            "ARCHIVE_BUCKET": running.outputs["archive_bucket"],
            "DATABASE_SECRET_ARN": running.outputs["database_secret_arn"],
        }
        launch("pricing", [str(programs["pricing"])], identity | pricing)
        launch("orders", [str(programs["orders"])], identity | orders)
        running.await_ready()
        yield running


def _redis(port: int, password: str, folder: Path) -> list[str]:
    options = {"port": port, "bind": "127.0.0.1", "requirepass": password, "save": "", "dir": folder}
    return ["redis-server", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]


def _postgres(folder: Path, port: int, env: dict[str, str]) -> tuple[list[str], dict[str, str], str | None]:
    binaries = Path(shutil.which("postgres") or "/usr/lib/postgresql/15/bin/postgres").parent
    user = "postgres" if os.geteuid() == 0 else None
    data = folder / "postgres"
    data.mkdir(mode=0o700)
    password = folder / "password"
    password.write_text("db word/1")
    key, certificate = data.parent / "server.key", data.parent / "server.crt"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    key.chmod(0o600)
    if user:
        for path in (data, key, certificate, password):
            shutil.chown(path, user)
    subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "app",
            "--pwfile",
            password,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        capture_output=True,
        user=user,
        cwd="/",
        env=env,
    )
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "ssl": "on",
        "ssl_key_file": key,
        "ssl_cert_file": certificate,
        "fsync": "off",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(data), *options], env, user


def _resources(running: Workload) -> None:
    sqs, secrets = running.client("sqs"), running.client("secretsmanager")
    dead = sqs.create_queue(QueueName="orders-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 20})
    bucket = "archive-local-test"
    s3 = running.client("s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    database = {
        "engine": "postgres",
        "host": "127.0.0.1",
        "port": running.ports["postgres"],
        "dbname": "postgres",
        "username": "app",
        "password": "db word/1",
        "sslmode": "require",
    }
    cache = {"host": "127.0.0.1", "port": running.ports["redis"], "password": "cache-word-1", "tls": False}
    for name, value in (("database", database), ("cache", cache)):
        answer = secrets.create_secret(Name=name, SecretString=json.dumps(value))
        running.secrets[name] = answer["ARN"]
    running.outputs |= {
        "orders_queue_url": sqs.create_queue(QueueName="orders", Attributes={"RedrivePolicy": redrive})[
            "QueueUrl"
        ],
        "orders_dead_letter_queue_url": dead,
        "replies_queue_url": sqs.create_queue(QueueName="replies")["QueueUrl"],
        "archive_bucket": bucket,
        "database_secret_arn": running.secrets["database"],
    }
