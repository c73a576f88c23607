"""Caches on servers of our own: one Redis process per ElastiCache replication group."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from localcloud.dataplane.model import AuthStrategy, CacheSpec, CacheState, Endpoint, check_identifier
from localcloud.dataplane.place import Place
from localcloud.dataplane.redis_parameters import bad_parameter, check_version, directives
from localcloud.dataplane.redis_server import (
    Record,
    Server,
    check_token,
    default_user,
    digest,
    server_names,
)
from localcloud.dataplane.redis_tokens import tokens_after
from localcloud.dataplane.tls import Authority, needs_renewal
from localcloud.errors import LocalCloudError
from localcloud.files import locked
from localcloud.ports import Ports
from localcloud.supervise import Supervisor

_REFUSED_LINE = re.compile(r">>> '([a-z0-9-]+)")


class OwnCaches:
    """See `localcloud.dataplane.model.Caches`; `address` is where the servers listen."""

    def __init__(
        self, place: Place, address: str, binary: str | None, version: str | None, authority: Authority
    ) -> None:
        self._place = place
        self._address = address
        self._binary = binary
        self._version = version
        self._authority = authority
        self._servers = Supervisor(place.data, place.instance)
        self._ports = Ports(place.data)

    def versions(self) -> tuple[str, ...]:
        """The version of Redis that is installed."""
        return (self._version,) if self._version else ()

    def check(self, engine_version: str, parameters: Mapping[str, str]) -> None:
        """Refuse another major version and a parameter that ElastiCache keeps to itself."""
        check_version(engine_version, self._installed()[1])
        directives(parameters)

    def create(self, spec: CacheSpec) -> Endpoint:
        """Make the group and start it, or attach to the one that is there."""
        check_identifier(spec.identifier)
        binary, version = self._installed()
        check_version(spec.engine_version, version)
        settings = directives(spec.parameters, spec.memory_mib)
        if spec.auth_token is not None:
            check_token(spec.identifier, spec.auth_token)
        with self._locked(spec.identifier) as server:
            known = server.record()
            running = server.running()
            if known is not None and running:
                port = known.port
            else:
                server.stop()
                port = self._ports.choose(server.name, self._address)
            record = Record(
                identifier=spec.identifier,
                engine_version=spec.engine_version,
                version=version,
                tls=spec.tls,
                tokens=[digest(spec.auth_token)] if spec.auth_token is not None else [],
                parameters=dict(spec.parameters),
                memory_mib=spec.memory_mib,
                address=self._address,
                port=port,
            )
            if known != record or not running:
                server.stop()
                self._start(server, record, binary, settings)
            server.remember(record)
            return self._endpoint(record)

    def modify(
        self,
        identifier: str,
        *,
        auth_token: str | None = None,
        strategy: AuthStrategy = "SET",
        parameters: Mapping[str, str] | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change token or parameters of a group; clients stay connected, unless it is restarted."""
        if auth_token is not None and strategy != "DELETE":
            check_token(identifier, auth_token)
        with self._locked(identifier) as server:
            record = self._known(server)
            self._ensure_running(server, record)
            tokens = tokens_after(record.tokens, auth_token, strategy)
            changed = replace(
                record,
                tokens=tokens,
                parameters=record.parameters if parameters is None else dict(parameters),
            )
            old = directives(record.parameters, record.memory_mib)
            new = directives(changed.parameters, changed.memory_mib)
            names = self._apply(server, record, old, new)
            if tokens != record.tokens:
                with server.admin(record, self._authority.ca_file) as client:
                    client.execute_command("ACL", "SETUSER", "default", *default_user(tokens))
            server.configure(changed, new)
            server.remember(changed)
            if names and restart:
                server.stop()
                self._ensure_running(server, changed)
                return ()
            return names

    def restart(self, identifier: str) -> None:
        """Restart the group's server."""
        with self._locked(identifier) as server:
            record = self._known(server)
            server.stop()
            self._ensure_running(server, record)

    def describe(self, identifier: str) -> CacheState | None:
        """The group as it is; None when there is none."""
        server = self._server(identifier)
        record = server.record()
        if record is None:
            return None
        return CacheState(
            identifier=identifier,
            version=record.version,
            tls=record.tls,
            auth=bool(record.tokens),
            parameters=record.parameters,
            endpoint=self._endpoint(record),
            running=server.running(),
        )

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such a group."""
        return self._server(identifier).record() is not None

    def delete(self, identifier: str) -> bool:
        """Stop the server and delete its data, that of a half made one too."""
        with self._locked(identifier) as server:
            there = server.folder.exists() or server.running()
            server.remove()
            self._ports.forget(server.name)
            return there

    def list(self) -> list[str]:
        """The identifiers of all groups, half made ones included."""
        return server_names(self._place)

    def start_all(self) -> list[str]:
        """Start every group that does not run, as after a reboot; returns those that were started."""
        started = []
        for identifier in self.list():
            with self._locked(identifier) as server:
                record = server.record()
                if record is not None and not server.running():
                    self._ensure_running(server, record)
                    started.append(identifier)
        return started

    def _apply(
        self, server: Server, record: Record, old: Mapping[str, str], new: Mapping[str, str]
    ) -> tuple[str, ...]:
        """Set what differs on the running server; returns what only a restart can set."""
        import redis  # noqa: PLC0415

        waiting = []
        with server.admin(record, self._authority.ca_file) as client:
            for name in sorted({*old, *new}):
                if old.get(name) == new.get(name):
                    continue
                if name not in new:  # back to the server's default, which only a start knows
                    waiting.append(name)
                    continue
                try:
                    client.config_set(name, new[name])
                except redis.ResponseError as error:
                    if "immutable" not in str(error):
                        raise bad_parameter(name, _reason(str(error))) from None
                    waiting.append(name)
        return tuple(waiting)

    def _ensure_running(self, server: Server, record: Record) -> None:
        if server.running():
            return
        port = self._ports.choose(server.name, self._address)
        moved = replace(record, address=self._address, port=port)
        self._start(server, moved, self._installed()[0], directives(record.parameters, record.memory_mib))
        server.remember(moved)

    def _start(self, server: Server, record: Record, binary: str, settings: Mapping[str, str]) -> None:
        if record.tls and needs_renewal(server.folder / "server.crt", record.address):
            issued = self._authority.issue(record.address)
            server.install_certificate(issued.certificate, issued.key)
        server.configure(record, settings)
        try:
            server.start(binary, record, self._authority.ca_file)
        except LocalCloudError as error:
            server.stop()
            refused = _REFUSED_LINE.search(error.details)
            if refused and refused.group(1) in settings:
                raise bad_parameter(refused.group(1), _reason(error.details.splitlines()[-1])) from None
            raise

    def _installed(self) -> tuple[str, str]:
        if not (self._binary and self._version):
            raise LocalCloudError(
                "Redis is not installed on this machine; install redis-server and run `understudy local up`"
            )
        return self._binary, self._version

    def _known(self, server: Server) -> Record:
        record = server.record()
        if record is None:
            raise LocalCloudError(f"cache {server.identifier}: there is none of this name")
        return record

    def _server(self, identifier: str) -> Server:
        return Server(self._place, self._servers, check_identifier(identifier))

    def _endpoint(self, record: Record) -> Endpoint:
        return Endpoint(record.address, record.port, str(self._authority.ca_file) if record.tls else "")

    @contextlib.contextmanager
    def _locked(self, identifier: str) -> Iterator[Server]:
        server = self._server(identifier)
        with locked(self._place.locks / f"{server.name}.lock"):
            yield server


def _reason(message: str) -> str:
    if "Unknown option" in message or "Bad directive" in message:
        return "Redis has no such parameter"
    return message.partition(" - ")[2] or message
