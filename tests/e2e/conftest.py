"""Fixtures of the end-to-end tests of environments: one local cloud for all of them."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Iterator

import pytest
from environment_cloud import REPO, Cloud

from localcloud.paths import DATA_DIR_VARIABLE


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """A running local cloud; at the end it is removed, and nothing of it may be left."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a cluster of one's own needs Linux and root")
    from localcloud.lifecycle import LocalCloudLifecycle

    place = Cloud.make()
    try:
        place.bring_up()
        yield place
        place.understudy("local", "down").ok()
        assert LocalCloudLifecycle(place.data).leftovers() == []
    finally:
        place.remove()


@pytest.fixture(scope="module")
def new_name(cloud: Cloud) -> Iterator[Callable[[str], str]]:
    """Make names of environments that nobody else uses; what is left of them is destroyed at the end."""
    names: list[str] = []

    def make(prefix: str) -> str:
        names.append(f"{prefix}-{uuid.uuid4().hex[:5]}")
        return names[-1]

    yield make
    for name in names:
        if cloud.traces(name):
            cloud.understudy("down", name)


@pytest.fixture(scope="session")
def images(cloud: Cloud) -> None:
    """The services' images, built and on the cluster, for a plain `pulumi up` before any `understudy up`."""
    from understudy.environments import local
    from understudy.progress import Progress

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(DATA_DIR_VARIABLE, str(cloud.data))
        local.put_images(local.current(), REPO, Progress(quiet=True))
