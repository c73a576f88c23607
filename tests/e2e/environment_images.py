"""Other versions of a service's image on the cluster: one that works, and one that never starts."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from environment_cloud import REPO, Cloud

from localcloud.images import put
from localcloud.paths import cache_dir
from understudy.images.oci import ImageConfig, write_archive


class Versions:
    """Makes versions of the image of `service` that was built last."""

    def __init__(self, cloud: Cloud, service: str, folder: Path) -> None:
        built = json.loads((REPO / "build" / "images.json").read_text())
        self.serving: str = built[service]["reference"]
        self.images = {name: entry["reference"] for name, entry in built.items()}
        self._cloud, self._service, self._folder = cloud, service, folder
        self._config, self._layers = _read(Path(built[service]["archive"]))

    def good(self) -> str:
        """The same program under another digest."""
        return self._make("good", self._config["Entrypoint"])

    def broken(self) -> str:
        """A version whose program is not there."""
        return self._make("broken", ["/missing"])

    def _make(self, version: str, entrypoint: Sequence[str]) -> str:
        from localcloud import config

        labels: Mapping[str, str] = {**(self._config.get("Labels") or {}), "version": version}
        image = ImageConfig(
            architecture=self._config["architecture"],
            entrypoint=entrypoint,
            user=self._config["User"],
            ports=[int(port.split("/")[0]) for port in self._config.get("ExposedPorts") or {}],
            environment=dict(each.split("=", 1) for each in self._config.get("Env") or []),
            labels=labels,
        )
        archive = self._folder / f"{self._service}-{version}.tar"
        repository = self.serving.split("@")[0]
        digest = write_archive(archive, repository, version, image, self._layers)
        reference = f"{repository}@{digest}"
        place = config.load(config.path_in(self._cloud.data))
        put(self._cloud.data, cache_dir(), place, archive, reference)
        return reference


def _read(archive: Path) -> tuple[dict[str, Any], list[bytes]]:
    """The configuration and the layers of an image."""
    with tarfile.open(archive) as tar:

        def content(name: str) -> bytes:
            found = tar.extractfile(name)
            assert found, f"{archive} has no {name}"
            return found.read()

        (entry,) = json.loads(content("manifest.json"))
        document = json.loads(content(entry["Config"]))
        layers = [content(name) for name in entry["Layers"]]
    return {**document["config"], "architecture": document["architecture"]}, layers
