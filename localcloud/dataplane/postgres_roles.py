"""Roles and databases on a PostgreSQL server. Passwords reach the server only as SCRAM verifiers."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from localcloud.dataplane.postgres_template import ADMIN
from localcloud.errors import LocalCloudError

_RESERVED = frozenset({ADMIN, "rds_superuser", "postgres", "template0", "template1", "public"})


def ensure_master(
    connection: psycopg.Connection[Any], username: str, password: str, db_name: str | None
) -> None:
    """Make the master user as RDS has it, and its database; both may be there already."""
    check_master(username)
    if not role_exists(connection, username):
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE INHERIT").format(sql.Identifier(username))
        )
    connection.execute(sql.SQL("GRANT rds_superuser TO {}").format(sql.Identifier(username)))
    set_password(connection, username, password)
    connection.execute(sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(sql.Identifier(username)))
    if db_name is not None and not database_exists(connection, db_name):
        create_database(connection, db_name, username)


def check_master(username: str) -> None:
    """Refuse a name that the server keeps for itself."""
    if username.lower() in _RESERVED - {"postgres"} or username.lower().startswith("pg_"):
        raise LocalCloudError(f"master user name {username!r} is reserved", invalid_input=True)


def create_database(connection: psycopg.Connection[Any], name: str, owner: str) -> None:
    """Create database `name` for `owner`."""
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
    )


def set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Give `role` a password; only its SCRAM verifier is sent, so that no log can hold the password."""
    verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier.decode()))
    )


def role_exists(connection: psycopg.Connection[Any], role: str) -> bool:
    """Tell whether there is a role of this name."""
    return connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def database_exists(connection: psycopg.Connection[Any], name: str) -> bool:
    """Tell whether there is a database of this name."""
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None
