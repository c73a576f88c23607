"""What the data plane is asked for and what it answers, with or without servers of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from localcloud.errors import LocalCloudError

AuthStrategy = Literal["ROTATE", "SET", "DELETE"]

_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9])*")


@dataclass(frozen=True)
class Endpoint:
    """Where clients connect. `ca_file` is the PEM certificate to verify the server with ("" for none)."""

    address: str
    port: int
    ca_file: str = ""


@dataclass(frozen=True, kw_only=True)
class DatabaseSpec:
    """A database instance, in RDS's words. The repr never shows the password."""

    identifier: str
    major_version: int
    master_username: str
    password: str = field(repr=False)
    db_name: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    snapshot: str | None = None
    """Snapshot whose data the instance begins with."""


@dataclass(frozen=True)
class DatabaseSnapshot:
    """What is kept of a database: its data, and what has to stay the same when it is restored."""

    name: str
    major_version: int
    master_username: str
    db_name: str | None


@dataclass(frozen=True, kw_only=True)
class DatabaseState:
    """A database instance as it is."""

    identifier: str
    major_version: int
    version: str
    master_username: str
    db_name: str | None
    parameters: Mapping[str, str]
    endpoint: Endpoint
    running: bool


@dataclass(frozen=True, kw_only=True)
class CacheSpec:
    """A replication group, in ElastiCache's words. `memory_mib` is the node type's memory in MiB."""

    identifier: str
    engine_version: str
    auth_token: str | None = field(default=None, repr=False)
    tls: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    memory_mib: int | None = None


@dataclass(frozen=True, kw_only=True)
class CacheState:
    """A replication group as it is."""

    identifier: str
    version: str
    tls: bool
    auth: bool
    parameters: Mapping[str, str]
    endpoint: Endpoint
    running: bool


class Databases(Protocol):
    """Real databases behind RDS instances. Every method is idempotent and safe to run concurrently."""

    def majors(self) -> tuple[int, ...]:
        """The major versions of PostgreSQL that are there."""
        ...

    def check(self, major_version: int, parameters: Mapping[str, str]) -> None:
        """Refuse a version or a parameter that `create` would refuse."""
        ...

    def create(self, spec: DatabaseSpec) -> Endpoint:
        """Make the instance, or attach to the one that has this identifier already (its data is kept)."""
        ...

    def modify(
        self,
        identifier: str,
        *,
        password: str | None = None,
        parameters: Mapping[str, str] | None = None,
        major_version: int | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change password or the whole set of parameters; returns those that still wait for a restart."""
        ...

    def restart(self, identifier: str) -> None:
        """Restart the instance, so that waiting parameters take effect."""
        ...

    def describe(self, identifier: str) -> DatabaseState | None:
        """The instance as it is; None when there is none."""
        ...

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such an instance."""
        ...

    def delete(self, identifier: str) -> bool:
        """Remove the instance and its data; False when there was none."""
        ...

    def list(self) -> list[str]:
        """The identifiers of all instances."""
        ...

    def save(self, identifier: str, name: str) -> bool:
        """Move the data of an instance, which is about to be deleted, into the snapshot `name`.

        False when snapshots can't be kept here; the instance is as it was then.
        """
        ...

    def snapshot(self, name: str) -> DatabaseSnapshot | None:
        """The snapshot called `name`; None when there is no data of one."""
        ...


class Caches(Protocol):
    """Real Redis servers behind replication groups. Idempotent and safe to run concurrently."""

    def versions(self) -> tuple[str, ...]:
        """The versions of Redis that are there."""
        ...

    def check(self, engine_version: str, parameters: Mapping[str, str]) -> None:
        """Refuse a version or a parameter that `create` would refuse."""
        ...

    def create(self, spec: CacheSpec) -> Endpoint:
        """Make the group, or attach to the one that has this identifier already (its data is kept)."""
        ...

    def modify(
        self,
        identifier: str,
        *,
        auth_token: str | None = None,
        strategy: AuthStrategy = "SET",
        parameters: Mapping[str, str] | None = None,
        restart: bool = True,
    ) -> tuple[str, ...]:
        """Change the token (ROTATE keeps the old one valid too) or the whole set of parameters."""
        ...

    def restart(self, identifier: str) -> None:
        """Restart the group's server."""
        ...

    def describe(self, identifier: str) -> CacheState | None:
        """The group as it is; None when there is none."""
        ...

    def exists(self, identifier: str) -> bool:
        """Tell whether there is such a group."""
        ...

    def delete(self, identifier: str) -> bool:
        """Remove the group and its data; False when there was none."""
        ...

    def list(self) -> list[str]:
        """The identifiers of all groups."""
        ...


def check_identifier(identifier: str) -> str:
    """Return `identifier` if it can name a folder and a server: RDS's own rule, at most 63 characters."""
    if len(identifier) > 63 or not _IDENTIFIER.fullmatch(identifier):
        raise LocalCloudError(
            f"identifier {identifier!r}: lower-case letters, digits and single hyphens, "
            "beginning with a letter, at most 63 characters",
            invalid_input=True,
        )
    return identifier
