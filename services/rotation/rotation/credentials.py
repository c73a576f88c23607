"""What a secret says of how to connect."""

from __future__ import annotations

import json
import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from rotation.errors import RotationError

CLONE = "_clone"
OWNER = "_owner"
PASSWORD_LENGTH = 40
_ALPHABET = string.ascii_letters + string.digits
_NEEDED = ("host", "port", "dbname", "username", "password")


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One version of a secret. The password never shows in its repr.

    The secret is a JSON object with `host`, `port`, `dbname`, `username` and `password`, optionally `sslmode`
    (`require` when absent) and `ca`, a PEM bundle that the server's certificate must descend from.
    """

    host: str
    port: int
    dbname: str
    username: str
    password: str = field(repr=False)
    sslmode: str = "require"
    ca: str | None = field(default=None, repr=False)
    document: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, what: str) -> Credentials:
        """Read a secret's text; `what` names the secret in errors, which never quote it."""
        try:
            document = json.loads(text)
            values = {name: document[name] for name in _NEEDED}
            port = int(values["port"])
        except (ValueError, TypeError, KeyError):
            raise RotationError(f"{what} is no JSON object with {', '.join(_NEEDED)}") from None
        texts = {name: values[name] for name in _NEEDED if name != "port"}
        if not all(isinstance(value, str) and value for value in texts.values()) or not 0 < port < 65536:
            raise RotationError(f"{what} has an empty value, or a port that is none")
        if document.get("engine", "postgres") != "postgres":
            raise RotationError(f"{what} is not of a PostgreSQL database")
        return cls(
            **texts,
            port=port,
            sslmode=document.get("sslmode") or "require",
            ca=document.get("ca"),
            document=document,
        )

    def next(self) -> Credentials:
        """Credentials of the user whose turn is next, with a new password."""
        return Credentials.parse(
            json.dumps({**self.document, "username": alternate(self.username), "password": new_password()}),
            "the next version",
        )

    def text(self) -> str:
        """The secret as it is stored; what else it says is kept."""
        return json.dumps(self.document)

    def same_place(self, other: Credentials) -> bool:
        """Tell whether both are of one database."""
        return (self.host, self.port, self.dbname) == (other.host, other.port, other.dbname)


def base_of(username: str) -> str:
    """The name that both users share.

    >>> base_of("orders_app_clone")
    'orders_app'
    """
    return username.removesuffix(CLONE)


def alternate(username: str) -> str:
    """The user whose turn is after `username`'s.

    >>> alternate("orders_app"), alternate("orders_app_clone")
    ('orders_app_clone', 'orders_app')
    """
    return base_of(username) if username.endswith(CLONE) else username + CLONE


def owner_of(username: str) -> str:
    """The role that both users act as, so that what one creates belongs to the other as well.

    >>> owner_of("orders_app_clone")
    'orders_app_owner'
    """
    return base_of(username) + OWNER


def new_password() -> str:
    """A password of letters and digits, which no client has to quote (238 bits)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
