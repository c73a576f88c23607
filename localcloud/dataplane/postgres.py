"""Databases on servers of our own: one PostgreSQL process per RDS instance."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from localcloud.dataplane.model import (
    DatabaseSnapshot,
    DatabaseSpec,
    DatabaseState,
    Endpoint,
    check_identifier,
)
from localcloud.dataplane.place import Place
from localcloud.dataplane.postgres_parameters import force_ssl, normalise, waiting
from localcloud.dataplane.postgres_roles import ensure_master, set_password
from localcloud.dataplane.postgres_server import Record, Server, server_names
from localcloud.dataplane.postgres_snapshots import Snapshots
from localcloud.dataplane.postgres_template import Template, ensure_template
from localcloud.dataplane.tls import Authority, needs_renewal
from localcloud.errors import LocalCloudError
from localcloud.files import locked
from localcloud.ports import Ports
from localcloud.supervise import Supervisor


class OwnDatabases:
    """See `localcloud.dataplane.model.Databases`; `address` is where the servers listen."""

    def __init__(self, place: Place, address: str, binaries: Mapping[int, str], authority: Authority) -> None:
        self._place = place
        self._address = address
        self._binaries = dict(binaries)
        self._authority = authority
        self._servers = Supervisor(place.data, place.instance)
        self._ports = Ports(place.data)
        self._snapshots = Snapshots(place)

    def majors(self) -> tuple[int, ...]:
        """The major versions of PostgreSQL that are installed."""
        return tuple(sorted(self._binaries))

    def check(self, major_version: int, parameters: Mapping[str, str]) -> None:
        """Refuse a version that is not installed and a parameter that it does not have."""
        normalise(parameters, self._template(major_version).catalogue, major_version)

    def create(self, spec: DatabaseSpec) -> Endpoint:
        """Make the instance and start it, or attach to the one that is there."""
        check_identifier(spec.identifier)
        template = self._template(spec.major_version)
        settings = normalise(spec.parameters, template.catalogue, spec.major_version)
        with self._locked(spec.identifier) as server:
            known = server.record()
            if known is not None:
                _same_instance(known, spec)
            port = self._ports.choose(server.name, self._address) if not server.running() else None
            if port is None:
                port = known.port if known else self._ports.recorded(server.name) or 0
            server.prepare_data(self._source(spec, template))
            record = Record(
                spec.identifier, spec.major_version, template.version, spec.master_username,
                spec.db_name, dict(spec.parameters), self._address, port,
            )  # fmt: skip
            self._configure(server, record, settings, template)
            if server.running() and (known is None or known.parameters != record.parameters):
                server.stop()
            try:
                server.start(template.binaries, self._address, port)
            except LocalCloudError:
                server.stop()
                raise
            with server.admin(port) as connection:
                ensure_master(connection, spec.master_username, spec.password, spec.db_name)
            server.remember(record)
            return self._endpoint(record)

    def modify(
        self,
        identifier: str,
        *,
        password: str | None = None,
        parameters: Mapping[str, str] | None = None,
        major_version: int | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change password or parameters of an instance; a running transaction survives, unless restarted."""
        with self._locked(identifier) as server:
            record = self._known(server)
            if major_version is not None and major_version != record.major_version:
                raise LocalCloudError(
                    f"database {identifier}: it runs PostgreSQL {record.major_version} and can't become "
                    f"{major_version} in place on the local cloud; replace the instance",
                    invalid_input=True,
                )
            self._start(server, record)
            if password is not None:
                with server.admin(record.port) as connection:
                    set_password(connection, record.master_username, password)
            if parameters is None:
                return ()
            return self._change_parameters(server, record, dict(parameters), restart)

    def restart(self, identifier: str) -> None:
        """Restart the instance."""
        with self._locked(identifier) as server:
            record = self._known(server)
            server.stop()
            self._start(server, record)

    def describe(self, identifier: str) -> DatabaseState | None:
        """The instance as it is; None when there is none."""
        server = self._server(identifier)
        record = server.record()
        if record is None:
            return None
        return DatabaseState(
            identifier=identifier,
            major_version=record.major_version,
            version=record.version,
            master_username=record.master_username,
            db_name=record.db_name,
            parameters=record.parameters,
            endpoint=self._endpoint(record),
            running=server.running(),
        )

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such an instance."""
        return self._server(identifier).record() is not None

    def delete(self, identifier: str) -> bool:
        """Stop the server and delete its data, that of a half made one too."""
        with self._locked(identifier) as server:
            there = server.folder.exists() or server.running()
            server.remove()
            self._ports.forget(server.name)
            return there

    def list(self) -> list[str]:
        """The identifiers of all instances, half made ones included."""
        return server_names(self._place)

    def save(self, identifier: str, name: str) -> bool:
        """Stop the instance, which is about to be deleted, and move its data into the snapshot `name`."""
        with self._locked(identifier) as server:
            self._snapshots.take(server, name)
            return True

    def snapshot(self, name: str) -> DatabaseSnapshot | None:
        """The snapshot called `name`; None when there is no data of one."""
        return self._snapshots.find(name)

    def start_all(self) -> list[str]:
        """Start every instance that does not run, as after a reboot; returns those that were started."""
        started = []
        for identifier in self.list():
            with self._locked(identifier) as server:
                record = server.record()
                if record is not None and not server.running():
                    self._start(server, record)
                    started.append(identifier)
        return started

    def prepare(self) -> None:
        """Make the templates beforehand, so that the first instance does not wait for them."""
        for major in self.majors():
            self._template(major)

    def _change_parameters(
        self, server: Server, record: Record, parameters: dict[str, str], restart: bool
    ) -> tuple[str, ...]:
        template = self._template(record.major_version)
        old = normalise(record.parameters, template.catalogue, record.major_version)
        new = normalise(parameters, template.catalogue, record.major_version)
        changed = Record(**{**record.__dict__, "parameters": parameters})
        self._configure(server, changed, new, template)
        names = waiting(old, new, template.catalogue)
        if names and restart:
            server.stop()
            try:
                server.start(template.binaries, record.address, record.port)
            except LocalCloudError:
                self._configure(server, record, old, template)
                server.start(template.binaries, record.address, record.port)
                raise
            names = ()
        else:
            with server.admin(record.port) as connection:
                connection.execute("SELECT pg_reload_conf()")
        server.remember(changed)
        return names

    def _start(self, server: Server, record: Record) -> None:
        if server.running():
            return
        template = self._template(record.major_version)
        settings = normalise(record.parameters, template.catalogue, record.major_version)
        port = self._ports.choose(server.name, self._address)
        moved = Record(**{**record.__dict__, "address": self._address, "port": port})
        self._configure(server, moved, settings, template)
        server.start(template.binaries, self._address, port)
        server.remember(moved)

    def _configure(
        self, server: Server, record: Record, settings: dict[str, str], template: Template
    ) -> None:
        plain = not force_ssl(record.parameters, record.major_version)
        server.configure(settings, plain_allowed=plain, preload=template.preload)
        if needs_renewal(server.folder / "server.crt", self._address):
            issued = self._authority.issue(self._address)
            server.install_certificate(issued.certificate, issued.key)

    def _template(self, major: int) -> Template:
        folder = self._binaries.get(major)
        if folder is None:
            there = ", ".join(str(version) for version in self.majors()) or "none"
            raise LocalCloudError(
                f"PostgreSQL {major} is not installed on this machine (there is: {there}); "
                f"ask for one of those or install postgresql-{major} and run `understudy local up`",
                invalid_input=True,
            )
        return ensure_template(self._place, major, Path(folder))

    def _source(self, spec: DatabaseSpec, template: Template) -> Path:
        """The data directory that a new instance begins with."""
        if spec.snapshot is None:
            return template.data
        found = self._snapshots.find(spec.snapshot)
        if found is None:
            raise LocalCloudError(
                f"database {spec.identifier}: there is no data of a snapshot {spec.snapshot} on this "
                "machine; only databases that were deleted here with a final snapshot can be restored",
                invalid_input=True,
            )
        if found.major_version != spec.major_version:
            raise LocalCloudError(
                f"database {spec.identifier}: snapshot {spec.snapshot} is of PostgreSQL "
                f"{found.major_version}; restore it as that, not as {spec.major_version}",
                invalid_input=True,
            )
        return self._snapshots.data(spec.snapshot)

    def _known(self, server: Server) -> Record:
        record = server.record()
        if record is None:
            raise LocalCloudError(f"database {server.identifier}: there is none of this name")
        return record

    def _server(self, identifier: str) -> Server:
        return Server(self._place, self._servers, check_identifier(identifier))

    def _endpoint(self, record: Record) -> Endpoint:
        return Endpoint(record.address, record.port, str(self._authority.ca_file))

    @contextlib.contextmanager
    def _locked(self, identifier: str) -> Iterator[Server]:
        server = self._server(identifier)
        with locked(self._place.locks / f"{server.name}.lock"):
            yield server


def _same_instance(known: Record, spec: DatabaseSpec) -> None:
    for what, there, wanted in (
        ("PostgreSQL", known.major_version, spec.major_version),
        ("master user", known.master_username, spec.master_username),
        ("database name", known.db_name, spec.db_name),
    ):
        if there != wanted:
            raise LocalCloudError(
                f"database {spec.identifier}: one of this name is there already with {what} {there}, "
                f"not {wanted}; delete it first or choose another identifier"
            )
