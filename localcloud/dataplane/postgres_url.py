"""Databases on a PostgreSQL server of the user's own: one database and one role per RDS instance.

What is ours carries a comment with the instance and the identifier; nothing else is ever touched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
from psycopg import sql

from localcloud.dataplane.model import (
    DatabaseSnapshot,
    DatabaseSpec,
    DatabaseState,
    Endpoint,
    check_identifier,
)
from localcloud.dataplane.place import Place
from localcloud.dataplane.postgres_parameters import FORCE_SSL, Catalogue, normalise, read_catalogue
from localcloud.dataplane.postgres_roles import (
    check_master,
    create_database,
    database_exists,
    role_exists,
    set_password,
)
from localcloud.dataplane.urls import client_endpoint
from localcloud.errors import LocalCloudError
from localcloud.files import locked

_ROLE_OF = (
    "SELECT r.rolname FROM pg_roles r JOIN pg_shdescription d ON d.objoid = r.oid "
    "AND d.classoid = 'pg_authid'::regclass WHERE d.description = %s"
)
_DATABASE_OF = "SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = %s"
_COMMENTS = (
    "SELECT description FROM pg_shdescription WHERE classoid = 'pg_authid'::regclass AND description LIKE %s"
)
_COMMENT_ON_ROLE = (
    "SELECT d.description FROM pg_roles r LEFT JOIN pg_shdescription d ON d.objoid = r.oid "
    "AND d.classoid = 'pg_authid'::regclass WHERE r.rolname = %s"
)
_SETTINGS = (
    "SELECT unnest(s.setconfig) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole "
    "WHERE r.rolname = %s AND s.setdatabase = 0"
)
_CATALOGUE = "SELECT name, context, vartype, unit, min_val, max_val, enumvals FROM pg_settings"


class UrlDatabases:
    """See `localcloud.dataplane.model.Databases`. Parameters are settings of the master role."""

    def __init__(self, place: Place, url: str, host_address: str) -> None:
        self._place = place
        self._url = url
        self._host_address = host_address

    def majors(self) -> tuple[int, ...]:
        """The major version of the server."""
        with self._admin() as connection:
            return (_major(connection),)

    def check(self, major_version: int, parameters: Mapping[str, str]) -> None:
        """Refuse another major version and a parameter that one role can't have."""
        with self._admin() as connection:
            _check_major(connection, major_version)
            _settings(connection, parameters)

    def create(self, spec: DatabaseSpec) -> Endpoint:
        """Make role and database, or attach to those that are there and ours."""
        check_identifier(spec.identifier)
        check_master(spec.master_username)
        endpoint = client_endpoint(self._url, self._host_address, 5432)
        with self._locked(spec.identifier), self._admin() as connection:
            _check_major(connection, spec.major_version)
            settings = _settings(connection, spec.parameters)
            mark = self._mark(spec.identifier)
            role = spec.master_username
            self._ensure_role(connection, role, mark, spec.identifier)
            if spec.db_name is not None:
                self._ensure_database(connection, spec.db_name, role, spec.identifier)
            set_password(connection, role, spec.password)
            _apply(connection, role, settings)
        return endpoint

    def modify(
        self,
        identifier: str,
        *,
        password: str | None = None,
        parameters: Mapping[str, str] | None = None,
        major_version: int | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change password or parameters; new connections see them. Nothing ever waits for a restart."""
        del restart  # a role's settings need none
        with self._locked(identifier), self._admin() as connection:
            role = self._known_role(connection, identifier)
            if major_version is not None:
                _check_major(connection, major_version)
            settings = _settings(connection, parameters) if parameters is not None else None
            if password is not None:
                set_password(connection, role, password)
            if settings is not None:
                _apply(connection, role, settings)
        return ()

    def restart(self, identifier: str) -> None:
        """Cut the instance's clients off; the server is not ours to restart."""
        with self._admin() as connection:
            role = self._known_role(connection, identifier)
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role]
            )

    def describe(self, identifier: str) -> DatabaseState | None:
        """The instance as it is; None when there is none."""
        with self._admin() as connection:
            role = self._role(connection, identifier)
            if role is None:
                return None
            row = connection.execute(_DATABASE_OF, [role]).fetchone()
            rows = connection.execute(_SETTINGS, [role]).fetchall()
            return DatabaseState(
                identifier=identifier,
                major_version=_major(connection),
                version=str(connection.info.parameter_status("server_version")).split()[0],
                master_username=role,
                db_name=row[0] if row else None,
                parameters=dict(setting.split("=", 1) for (setting,) in rows),
                endpoint=client_endpoint(self._url, self._host_address, 5432),
                running=True,
            )

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such an instance."""
        with self._admin() as connection:
            return self._role(connection, identifier) is not None

    def delete(self, identifier: str) -> bool:
        """Drop the databases of our role, and the role."""
        with self._locked(identifier), self._admin() as connection:
            role = self._role(connection, identifier)
            if role is None:
                return False
            for (name,) in connection.execute(_DATABASE_OF, [role]).fetchall():
                statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(statement.format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
            return True

    def save(self, identifier: str, name: str) -> bool:
        """False: the files of a server of the user's own are not ours to copy."""
        return False

    def snapshot(self, name: str) -> DatabaseSnapshot | None:
        """None: nothing is ever saved."""
        return None

    def list(self) -> list[str]:
        """The identifiers of all instances."""
        prefix = self._mark("")
        with self._admin() as connection:
            rows = connection.execute(_COMMENTS, [f"{prefix}%"]).fetchall()
            return sorted(comment.removeprefix(prefix) for (comment,) in rows)

    def _ensure_role(
        self, connection: psycopg.Connection[Any], role: str, mark: str, identifier: str
    ) -> None:
        name = sql.Identifier(role)
        if not role_exists(connection, role):
            with connection.transaction():  # never a role of ours without its mark
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
                connection.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(name, sql.Literal(mark)))
                connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
            return
        row = connection.execute(_COMMENT_ON_ROLE, [role]).fetchone()
        if row is None or row[0] != mark:
            raise LocalCloudError(
                f"database {identifier}: the server has a role {role!r} already that is not this "
                "instance's; choose another user name, or let the local cloud run its own PostgreSQL"
            )

    def _ensure_database(
        self, connection: psycopg.Connection[Any], name: str, role: str, identifier: str
    ) -> None:
        if not database_exists(connection, name):
            create_database(connection, name, role)
            comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
            mark = sql.Literal(self._mark(identifier))
            connection.execute(comment.format(sql.Identifier(name), mark))
            return
        if (name,) not in connection.execute(_DATABASE_OF, [role]).fetchall():
            raise LocalCloudError(
                f"database {identifier}: the server has a database {name!r} already that is not this "
                "instance's; choose another name, or let the local cloud run its own PostgreSQL"
            )

    def _known_role(self, connection: psycopg.Connection[Any], identifier: str) -> str:
        role = self._role(connection, identifier)
        if role is None:
            raise LocalCloudError(f"database {identifier}: there is none of this name")
        return role

    def _role(self, connection: psycopg.Connection[Any], identifier: str) -> str | None:
        row = connection.execute(_ROLE_OF, [self._mark(check_identifier(identifier))]).fetchone()
        return row[0] if row else None

    def _mark(self, identifier: str) -> str:
        return f"understudy:{self._place.instance}:{identifier}"

    @contextlib.contextmanager
    def _admin(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                yield connection
        except psycopg.Error as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise LocalCloudError(f"the PostgreSQL server given with --postgres: {lines[0]}") from None

    @contextlib.contextmanager
    def _locked(self, identifier: str) -> Iterator[None]:
        with locked(self._place.locks / f"postgres-{check_identifier(identifier)}.lock"):
            yield


def _major(connection: psycopg.Connection[Any]) -> int:
    return connection.info.server_version // 10000


def _check_major(connection: psycopg.Connection[Any], wanted: int) -> None:
    there = _major(connection)
    if wanted != there:
        raise LocalCloudError(
            f"the PostgreSQL server given with --postgres is version {there}, not {wanted}; ask for {there}",
            invalid_input=True,
        )


def _settings(connection: psycopg.Connection[Any], parameters: Mapping[str, str]) -> dict[str, str]:
    cursor = connection.execute(_CATALOGUE)
    names = [column.name for column in cursor.description or ()]
    catalogue: Catalogue = read_catalogue(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    settings = normalise(parameters, catalogue, _major(connection))
    impossible = [name for name in settings if catalogue[name.lower()].context not in ("user", "superuser")]
    if str(parameters.get(FORCE_SSL, "0")).lower() in ("1", "on", "true"):
        impossible.append(FORCE_SSL)
    if impossible:
        raise LocalCloudError(
            f"database parameter {impossible[0]}: it holds for a whole server, and the one given with "
            "--postgres is yours; set it there and leave it out here",
            invalid_input=True,
        )
    return settings


def _apply(connection: psycopg.Connection[Any], role: str, settings: Mapping[str, str]) -> None:
    name = sql.Identifier(role)
    with connection.transaction():
        connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
        for parameter, value in settings.items():
            statement = sql.SQL("ALTER ROLE {} SET {} TO {}")
            connection.execute(statement.format(name, sql.Identifier(parameter), sql.Literal(value)))
