"""One Redis server of ours: its files and its process."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from localcloud.dataplane.place import Place, hand_over, service_user
from localcloud.dataplane.redis_parameters import quoted, render
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.supervise import Supervisor

if TYPE_CHECKING:
    import redis

ADMIN = "understudy-admin"
START_SECONDS = 30
_PREFIX = "redis-"

# What ElastiCache's clients may not do.
_FORBIDDEN = (
    "-acl|deluser -acl|load -acl|save -acl|setuser -bgrewriteaof -bgsave -config -debug -failover -migrate "
    "-module -psync -replicaof -save -shutdown -slaveof -sync"
)


@dataclass(frozen=True)
class Record:
    """What is remembered of a group. `tokens` are SHA-256 hex digests; the tokens themselves are nowhere."""

    identifier: str
    engine_version: str
    version: str
    tls: bool
    tokens: list[str]
    parameters: dict[str, str]
    memory_mib: int | None
    address: str
    port: int


class Server:
    """The server of one replication group; its folder holds redis.conf, the data and ``group.json``."""

    def __init__(self, place: Place, servers: Supervisor, identifier: str) -> None:
        self.place = place
        self.servers = servers
        self.identifier = identifier
        self.name = _PREFIX + identifier
        self.folder = place.root / "redis" / identifier
        self.user = service_user(("redis",))

    def record(self) -> Record | None:
        """What is remembered of this group; None when there is none."""
        try:
            return Record(**json.loads((self.folder / "group.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def remember(self, record: Record) -> None:
        """Write `record` down; after this the group exists."""
        write_atomic(self.folder / "group.json", json.dumps(asdict(record), indent=2))

    def configure(self, record: Record, settings: Mapping[str, str]) -> None:
        """Write redis.conf and users.acl for the next start."""
        data = self.folder / "data"
        if not data.exists():
            self.place.prepare()
            data.mkdir(parents=True)
        hand_over(self.folder, self.user)
        port = f"port 0\ntls-port {record.port}\n{self._tls()}" if record.tls else f"port {record.port}\n"
        text = (
            f"bind {record.address}\n{port}protected-mode no\ndaemonize no\ndir {quoted(str(data))}\n"
            f'appendonly yes\nappendfsync no\nsave ""\naclfile {quoted(str(self.folder / "users.acl"))}\n'
            f"{render(settings)}"
        )
        self._write("redis.conf", text)
        rules = default_user(record.tokens)
        self._write(
            "users.acl",
            f"user default {' '.join(rules)}\nuser {ADMIN} on #{digest(self._password())} ~* &* +@all\n",
        )

    def install_certificate(self, certificate: str, key: str) -> None:
        """Put a server certificate in place."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write("server.crt", certificate)
        self._write("server.key", key)

    def start(self, binary: str, record: Record, ca_file: Path) -> None:
        """Start the server and wait until it answers; fails with its last log lines."""
        argv = [binary, str(self.folder / "redis.conf")]
        self.servers.start(self.name, argv, user=self.user, cwd=self.folder)
        self.servers.wait_ready(
            self.name, lambda: self._answers(record, ca_file), timeout=START_SECONDS, interval=0.02
        )

    def stop(self) -> bool:
        """Stop the server, which saves its data; False when it was not running."""
        return self.servers.stop(self.name, timeout=15)

    def running(self) -> bool:
        """Tell whether the server runs."""
        return self.servers.alive(self.name)

    @contextlib.contextmanager
    def admin(self, record: Record, ca_file: Path) -> Iterator[redis.Redis]:
        """A connection that may run CONFIG and ACL."""
        import redis  # noqa: PLC0415 - 0.2 s that only who needs it pays
        from redis.backoff import NoBackoff  # noqa: PLC0415
        from redis.retry import Retry  # noqa: PLC0415

        client = redis.Redis(
            host=record.address,
            port=record.port,
            username=ADMIN,
            password=self._password(),
            ssl=record.tls,
            ssl_ca_certs=str(ca_file) if record.tls else None,
            decode_responses=True,
            socket_timeout=10,
            retry=Retry(NoBackoff(), 0),  # whoever waits does so by its own rules
        )
        try:
            yield client
        finally:
            client.close()

    def remove(self) -> None:
        """Stop the server and delete everything of it, the log included."""
        self.servers.stop(self.name, signal_number=signal.SIGKILL)  # its data goes away with it
        (self.folder / "group.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.servers.log_file(self.name).unlink(missing_ok=True)

    def _password(self) -> str:
        path = self.folder / "admin.password"
        if not path.exists():
            write_atomic(path, secrets.token_hex(32), 0o600)
        return path.read_text()

    def _answers(self, record: Record, ca_file: Path) -> bool:
        import redis  # noqa: PLC0415

        try:
            with self.admin(record, ca_file) as client:
                return bool(client.ping())
        except redis.ConnectionError:  # also while it loads its data
            return False

    def _tls(self) -> str:
        certificate, key = (quoted(str(self.folder / name)) for name in ("server.crt", "server.key"))
        return f"tls-cert-file {certificate}\ntls-key-file {key}\ntls-auth-clients no\n"

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        write_atomic(path, text, 0o600)
        hand_over(path, self.user)


def default_user(tokens: Sequence[str]) -> list[str]:
    """ACL rules of the user that clients are: any of the tokens, or none needed when there is none."""
    access = [f"#{token}" for token in tokens] or ["nopass"]
    return ["reset", "on", *access, "~*", "&*", "+@all", *_FORBIDDEN.split()]


def digest(token: str) -> str:
    """The form in which Redis keeps a password: its SHA-256 in hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def server_names(place: Place) -> list[str]:
    """The identifiers of all groups that have a folder, half made ones included."""
    return sorted(path.name for path in (place.root / "redis").glob("*") if path.is_dir())


def check_token(identifier: str, token: str) -> None:
    """Refuse what ElastiCache refuses as AUTH token: 16 to 128 printable characters, none of @ " /."""
    if (
        not 16 <= len(token) <= 128
        or not token.isascii()
        or not token.isprintable()
        or set('@"/ ') & set(token)
    ):
        raise LocalCloudError(
            f"cache {identifier}: the AUTH token must have 16 to 128 printable characters, "
            'no space and none of @ " /',
            invalid_input=True,
        )
