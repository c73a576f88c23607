"""One PostgreSQL server of ours: its files, its process and what its master user is."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from localcloud.dataplane.place import Place, hand_over, service_user
from localcloud.dataplane.postgres_parameters import render
from localcloud.dataplane.postgres_template import ADMIN, POSTGRES_USERS
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.supervise import Supervisor

if TYPE_CHECKING:
    import psycopg

START_SECONDS = 60
STOP_SIGNAL = signal.SIGINT  # "fast": clients are cut off, everything is written
_PREFIX = "postgres-"

# Small, because many of these run on one machine; everything else is PostgreSQL's or the user's choice.
_BASE = """\
# Written by the local cloud; parameters.conf holds the parameter group's settings.
hba_file = '{folder}/pg_hba.conf'
ident_file = '{folder}/pg_ident.conf'
password_encryption = 'scram-sha-256'
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
log_line_prefix = '%t:%r:%u@%d:[%p]:'
timezone = 'UTC'
log_timezone = 'UTC'
# The kernel keeps what a killed server wrote; only a power cut can lose it, and these are copies.
fsync = off
full_page_writes = off
shared_buffers = '16MB'
max_wal_size = '256MB'
shared_preload_libraries = '{preload}'
include 'parameters.conf'
"""


@dataclass(frozen=True)
class Record:
    """What is remembered of an instance, beside its data. `settings` are normalised parameters."""

    identifier: str
    major_version: int
    version: str
    master_username: str
    db_name: str | None
    parameters: dict[str, str]
    address: str
    port: int


class Server:
    """The server of one database instance.

    Its folder holds ``data`` (PostgreSQL's own), the configuration files and ``instance.json``.
    """

    def __init__(self, place: Place, servers: Supervisor, identifier: str) -> None:
        self.place = place
        self.servers = servers
        self.identifier = identifier
        self.name = _PREFIX + identifier
        self.folder = place.root / "postgres" / identifier
        self.data = self.folder / "data"
        self.user = service_user(POSTGRES_USERS)

    def record(self) -> Record | None:
        """What is remembered of this instance; None when there is none."""
        try:
            return Record(**json.loads((self.folder / "instance.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def remember(self, record: Record) -> None:
        """Write `record` down; after this the instance exists."""
        write_atomic(self.folder / "instance.json", json.dumps(asdict(record), indent=2))

    def prepare_data(self, source: Path) -> None:
        """Copy the data directory `source`, unless there is one already. A half copy is made anew."""
        if self.data.exists():
            return
        self.place.prepare()
        self.folder.mkdir(parents=True, exist_ok=True)
        hand_over(self.folder, self.user)
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        answer = subprocess.run(
            ["cp", "-a", str(source), str(fresh)], capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            raise LocalCloudError(f"database {self.identifier}: {answer.stderr.strip().splitlines()[-1]}")
        fresh.rename(self.data)

    def configure(self, settings: Mapping[str, str], *, plain_allowed: bool, preload: str) -> None:
        """Write every configuration file; a running server takes them with `reload` or `restart`."""
        hosts = "host" if plain_allowed else "hostssl"
        access = [
            f"local all {ADMIN} peer map=admin",
            f"host all {ADMIN} all reject",
            f"{hosts} all all all scram-sha-256",
        ]
        account = pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() == 0 else getpass.getuser()
        self._write("pg_hba.conf", "\n".join(access) + "\n")
        self._write("pg_ident.conf", f'admin "{account}" {ADMIN}\n')
        self._write("postgresql.conf", _BASE.format(folder=_escaped(self.folder), preload=preload))
        self._write("parameters.conf", render(settings))

    def install_certificate(self, certificate: str, key: str) -> None:
        """Put a server certificate in place."""
        self._write("server.crt", certificate)
        self._write("server.key", key)

    def start(self, binaries: Path, address: str, port: int) -> None:
        """Start the server and wait until it takes connections; fails with its last log lines."""
        sockets = self.place.sockets
        sockets.mkdir(parents=True, exist_ok=True)
        hand_over(sockets, self.user) if not any(sockets.iterdir()) else None
        sockets.chmod(0o700)
        self._forget_dead_server()
        argv = [str(binaries / "postgres"), "-D", str(self.data), "-h", address, "-p", str(port)]
        argv += ["-k", str(sockets), "-c", f"config_file={self.folder / 'postgresql.conf'}"]
        self.servers.start(self.name, argv, user=self.user, cwd=self.folder)
        self.servers.wait_ready(self.name, lambda: self._answers(port), timeout=START_SECONDS, interval=0.02)

    def stop(self) -> bool:
        """Stop the server (clients are cut off); False when it was not running."""
        return self.servers.stop(self.name, timeout=30, signal_number=STOP_SIGNAL)

    def running(self) -> bool:
        """Tell whether the server runs."""
        return self.servers.alive(self.name)

    @contextlib.contextmanager
    def admin(self, port: int, dbname: str = "postgres") -> Iterator[psycopg.Connection[Any]]:
        """A superuser's connection over the Unix socket, in autocommit mode, that logs no statement."""
        import psycopg  # noqa: PLC0415 - 0.1 s that only who needs it pays

        with psycopg.connect(
            host=str(self.place.sockets), port=port, user=ADMIN, dbname=dbname, autocommit=True
        ) as connection:
            connection.execute("SET log_statement = 'none'; SET log_min_duration_statement = -1")
            yield connection

    def remove(self) -> None:
        """Stop the server and delete everything of it, the log included."""
        # "Immediate": there is nothing to write down for data that goes away.
        self.servers.stop(self.name, timeout=30, signal_number=signal.SIGQUIT)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "instance.json").unlink()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.servers.log_file(self.name).unlink(missing_ok=True)

    def _answers(self, port: int) -> bool:
        import psycopg  # noqa: PLC0415

        try:
            with self.admin(port):
                return True
        except psycopg.OperationalError:
            return False

    def _forget_dead_server(self) -> None:
        # After a SIGKILL PostgreSQL refuses to start when its old pid has been given to another process.
        if not self.running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        write_atomic(path, text, 0o600)
        hand_over(path, self.user)


def server_names(place: Place) -> list[str]:
    """The identifiers of all instances that have a folder, half made ones included."""
    return sorted(path.name for path in (place.root / "postgres").glob("*") if path.is_dir())


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
