"""The local cloud as environments use it: brought up, its variables, its images."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.config import LocalCloud
from localcloud.engine.acquire import ensure_engine
from localcloud.environment import applied, environment
from localcloud.images import put
from localcloud.lifecycle import LocalCloudLifecycle
from localcloud.options import Options
from localcloud.paths import cache_dir, data_dir
from understudy.images import build_images
from understudy.progress import Progress


@dataclass(frozen=True)
class Place:
    """Where environments run: the cloud, the engine's variables, the data folder."""

    cloud: LocalCloud
    variables: Mapping[str, str]
    data: Path

    @property
    def state(self) -> Path:
        """The folder of the file backend."""
        return self.data / "state"


def bring_up(options: Options, progress: Progress) -> Place:
    """Start what of the local cloud does not run, and return how to use it."""
    data = data_dir()
    running = LocalCloudLifecycle(data).up(options, progress)
    return _place(data, running.cloud)


def current() -> Place:
    """Return the running local cloud; raise LocalCloudError when it does not run."""
    from localcloud import config  # noqa: PLC0415 - pydantic is not light

    data = data_dir()
    return _place(data, config.load(config.path_in(data)))


def put_images(place: Place, project: Path, progress: Progress) -> None:
    """Build the images of the services that changed and put them onto the cluster."""
    with progress.step("images") as say:
        built = build_images(project, progress=lambda service, what: say(f"{service}: {what}"))
        for image in built.values():
            put(place.data, cache_dir(), place.cloud, image.archive, image.reference)


def _place(data: Path, cloud: LocalCloud) -> Place:
    variables = environment(data, cloud, ensure_engine())
    return Place(cloud, applied(variables, os.environ), data)
