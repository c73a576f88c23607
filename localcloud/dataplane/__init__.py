"""Real PostgreSQL and Redis behind the endpoints of RDS instances and ElastiCache replication groups.

Example::

    plane = open_dataplane()
    endpoint = plane.databases.create(DatabaseSpec(identifier="orders", major_version=15, ...))
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from localcloud.config import LocalCloud, PostgresMode, RedisMode, current_path, load
from localcloud.dataplane.model import (
    AuthStrategy,
    Caches,
    CacheSpec,
    CacheState,
    Databases,
    DatabaseSpec,
    DatabaseState,
    Endpoint,
)
from localcloud.dataplane.place import Place
from localcloud.dataplane.postgres import OwnDatabases
from localcloud.dataplane.postgres_url import UrlDatabases
from localcloud.dataplane.redis import OwnCaches
from localcloud.dataplane.redis_url import UrlCaches
from localcloud.dataplane.tls import Authority
from localcloud.paths import data_dir, instance_id

__all__ = [
    "AuthStrategy",
    "CacheSpec",
    "CacheState",
    "Caches",
    "DataPlane",
    "DatabaseSpec",
    "DatabaseState",
    "Databases",
    "Endpoint",
    "build_dataplane",
    "open_dataplane",
]


@dataclass(frozen=True)
class DataPlane:
    """Databases and caches of one local cloud."""

    databases: Databases
    caches: Caches
    place: Place

    def leftovers(self) -> list[str]:
        """Everything that instances still hold, one line each; empty when all were deleted."""
        return [
            *(f"PostgreSQL database {identifier}" for identifier in self.databases.list()),
            *(f"Redis cache {identifier}" for identifier in self.caches.list()),
        ]

    def bring_up(self) -> None:
        """Start the servers that should run and do not; make ready what the first instance needs."""
        for part in (self.databases, self.caches):
            if isinstance(part, OwnDatabases | OwnCaches):
                part.start_all()
        if isinstance(self.databases, OwnDatabases):
            self.databases.prepare()
        else:
            self.databases.majors()  # a server that does not answer is reported now, not by a deployment
        if isinstance(self.caches, UrlCaches):
            self.caches.versions()
            self.caches.restore()


def open_dataplane(cloud_file: Path | None = None) -> DataPlane:
    """The data plane of the running local cloud, as cloud.json describes it.

    Raises LocalCloudError when the local cloud is not up.
    """
    path = cloud_file or current_path(data_dir())
    cloud: LocalCloud = load(path)
    return build_dataplane(path.parent, cloud.host_address, cloud.postgres, cloud.redis)


def build_dataplane(data: Path, address: str, postgres: PostgresMode, redis: RedisMode) -> DataPlane:
    """The data plane in the data folder `data`, whose own servers listen on `address`."""
    place = Place(data, instance_id(data))
    authority = Authority(data / "tls")
    databases = (
        UrlDatabases(place, postgres.url, address)
        if postgres.url
        else OwnDatabases(place, address, postgres.binaries, authority)
    )
    caches = (
        UrlCaches(place, redis.url, address)
        if redis.url
        else OwnCaches(place, address, redis.binary, redis.version, authority)
    )
    return DataPlane(databases=databases, caches=caches, place=place)
