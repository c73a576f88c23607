"""Roles in PostgreSQL: two users that act as one owner, so that neither can be told from the other.

<name>_owner   can't log in; owns the application's tables
<name>         logs in, acts as the owner
<name>_clone   logs in, acts as the owner
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import os
import ssl
from collections.abc import Iterator

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection, identifier, literal

from rotation.credentials import Credentials, owner_of

TIMEOUT = 5
"""Seconds to wait for the server, and for a lock on a table."""
_REFUSED = frozenset({"28P01", "28000"})  # invalid_password, invalid_authorization_specification
_LOCK = 0x726F74617465
_ITERATIONS = 4096

# Tables, views and sequences that the master user made before there was an owner. A sequence that belongs to
# a column goes with its table, a member of an extension stays with the extension.
_LEGACY = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_get_userbyid(c.relowner) = current_user AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype IN ('a', 'i')))
ORDER BY 1, 2
"""


@contextlib.contextmanager
def session(credentials: Credentials) -> Iterator[Connection]:
    """A connection with these credentials."""
    connection = Connection(
        credentials.username,
        host=credentials.host,
        port=credentials.port,
        database=credentials.dbname,
        password=credentials.password,
        ssl_context=_tls(credentials),
        timeout=TIMEOUT,
        application_name="rotation",
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(Exception):
            connection.close()


def accepts(credentials: Credentials) -> bool:
    """Tell whether the server lets these credentials in, and answers them."""
    try:
        with session(credentials) as connection:
            connection.run("SELECT 1")
    except DatabaseError as error:
        if code_of(error) in _REFUSED:
            return False
        raise
    return True


def let_in(admin: Credentials, wanted: Credentials) -> None:
    """Make the server accept `wanted`: roles, privileges and password, in one transaction.

    Everything that is there already is left as it is, so a second call does no harm.
    """
    user, owner = wanted.username, owner_of(wanted.username)
    with session(admin) as connection:
        # Nothing that the application put into its own schema is ever run with the master user's rights.
        connection.run("SET search_path = pg_catalog, pg_temp")
        connection.run(f"SET statement_timeout = '{TIMEOUT * 4}s'")
        connection.run(f"SET lock_timeout = '{TIMEOUT}s'")
        connection.run("BEGIN")
        # A step that is called again while the first call still runs waits for it here.
        connection.run(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _ensure_role(connection, owner, "NOLOGIN")
        connection.run(f"GRANT {identifier(owner)} TO CURRENT_USER")
        connection.run(
            f"GRANT CONNECT, TEMPORARY, CREATE ON DATABASE {identifier(wanted.dbname)} TO {identifier(owner)}"
        )
        rows = connection.run(f"SELECT has_schema_privilege({literal(owner)}, 'public', 'CREATE')")
        if not rows or not rows[0][0]:
            connection.run(f"GRANT USAGE, CREATE ON SCHEMA public TO {identifier(owner)}")
        for schema, table in connection.run(_LEGACY) or []:
            connection.run(
                f"ALTER TABLE {identifier(schema)}.{identifier(table)} OWNER TO {identifier(owner)}"
            )
        _ensure_role(connection, user, "LOGIN")
        connection.run(f"GRANT {identifier(owner)} TO {identifier(user)}")
        connection.run(f"ALTER ROLE {identifier(user)} SET role = {literal(owner)}")
        connection.run(f"ALTER ROLE {identifier(user)} LOGIN PASSWORD {literal(verifier(wanted.password))}")
        connection.run("COMMIT")


def verifier(password: str, salt: bytes | None = None) -> str:
    """What PostgreSQL keeps of a password (RFC 5803). It is sent in its place, so that no log can hold it."""
    salt = salt or os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"


def code_of(error: DatabaseError) -> str:
    """The SQLSTATE of an error of the server; its text may say more than anybody should read."""
    details = error.args[0] if error.args else None
    return str(details.get("C", "?")) if isinstance(details, dict) else "?"


def _ensure_role(connection: Connection, name: str, kind: str) -> None:
    if not connection.run("SELECT 1 FROM pg_roles WHERE rolname = :name", name=name):
        connection.run(f"CREATE ROLE {identifier(name)} {kind}")


def _tls(credentials: Credentials) -> ssl.SSLContext | None:
    """As libpq does it: `require` checks the certificate only where the secret names a root for it."""
    if credentials.sslmode == "disable":
        return None
    context = ssl.create_default_context(cadata=credentials.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = credentials.sslmode == "verify-full"
    if credentials.ca is None and credentials.sslmode == "require":
        context.verify_mode = ssl.CERT_NONE
    return context
