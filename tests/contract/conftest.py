"""Worlds for the lifecycle test: one for each plugin and test process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

sys.path.insert(0, str(Path(__file__).parent))
# The mocks of the engine and the examples live beside the components' own tests.
sys.path.insert(0, str(Path(__file__).parent.parent / "components"))

from faulty_proxy import FaultyProxy
from lifecycle import Engine, World
from local_plane import data_plane

from localcloud import plugin
from localcloud.aws import server
from localcloud.ports import Ports
from localcloud.supervise import Supervisor


@pytest.fixture(scope="session")
def moto_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the local cloud's AWS server.

    In a process of its own: a test with `mock_aws` empties every moto in the process that it runs in.
    """
    data = tmp_path_factory.mktemp("aws")
    servers = Supervisor(data, f"contract-{uuid4().hex[:8]}")
    started = server.begin(servers, Ports(data), "127.0.0.1")
    try:
        server.wait(servers, started)
        yield started.url
    finally:
        servers.stop(server.NAME)


@pytest.fixture(scope="session")
def world_of(moto_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], World]]:
    """Return the world of a plugin by its name."""
    worlds: dict[str, World] = {}
    data = tmp_path_factory.mktemp("data")
    with (
        pytest.MonkeyPatch.context() as patch,
        FaultyProxy(moto_url) as proxy,
        data_plane(data, proxy.url),
    ):
        patch.delenv("UNDERSTUDY_LOCAL", raising=False)
        patch.setenv("UNDERSTUDY_DATA_DIR", str(data))
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_ENDPOINT_URL", proxy.url)

        def world(name: str) -> World:
            if name not in worlds:
                engine = Engine(plugin.load(name))
                if name == "aws":
                    engine.configure({"region": World.region})
                    worlds[name] = World(engine, proxy, moto_url)
                else:
                    engine.configure({})
                    worlds[name] = World(engine, None, None)
            return worlds[name]

        yield world
