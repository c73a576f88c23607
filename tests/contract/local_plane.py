"""A real data plane on loopback for the worlds that make databases and caches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud import config
from localcloud.dataplane import build_dataplane
from localcloud.dataplane.binaries import find_postgres, find_redis


@contextmanager
def data_plane(data: Path, endpoint: str) -> Iterator[None]:
    """Describe a local cloud in `data` whose databases and caches are real; remove all of them at the end."""
    redis = find_redis()
    cloud = config.LocalCloud(
        endpoint_url=endpoint,
        host_address="127.0.0.1",
        kubeconfig="",
        context="none",
        generation="test",
        own_cluster=False,
        image_import="none",
        postgres=config.PostgresMode(binaries=find_postgres()),
        redis=config.RedisMode(binary=redis[0], version=redis[1]) if redis else config.RedisMode(),
    )
    config.save(cloud, config.path_in(data))
    try:
        yield
    finally:
        plane = build_dataplane(data, cloud.host_address, cloud.postgres, cloud.redis)
        for part in (plane.databases, plane.caches):
            for identifier in part.list():
                part.delete(identifier)
        plane.place.remove()
