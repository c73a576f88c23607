"""Writes an OCI image, byte for byte the same for the same content.

Layers are not compressed: what deflate makes of a file differs between versions of zlib, and with it the
digest would differ between two machines. Times are zero, owners are root, entries are sorted.

The archive is an OCI layout that also carries Docker's ``manifest.json``: containerd, kind and k3d take it.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

__all__ = ["Entry", "ImageConfig", "layer", "write_archive"]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_INDEX = "application/vnd.oci.image.index.v1+json"


@dataclass(frozen=True)
class Entry:
    """A file of a layer."""

    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, kw_only=True)
class ImageConfig:
    """How the image runs.

    Attributes:
        architecture: Go's name for it: ``amd64`` or ``arm64``.
        entrypoint: the program and its arguments.
        user: numeric ``uid:gid``, so that ``runAsNonRoot`` can be checked without the image's passwd file.
        environment: variables with their values.
        ports: TCP ports that the program listens on.
        labels: names with their values.
    """

    architecture: str
    entrypoint: Sequence[str]
    user: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ports: Sequence[int] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    def document(self, layers: Sequence[bytes]) -> dict[str, object]:
        """Return the image's configuration document over these uncompressed layers."""
        return {
            "created": "1970-01-01T00:00:00Z",
            "architecture": self.architecture,
            "os": "linux",
            "config": {
                "User": self.user,
                "ExposedPorts": {f"{port}/tcp": {} for port in self.ports},
                "Env": [f"{name}={value}" for name, value in sorted(self.environment.items())],
                "Entrypoint": list(self.entrypoint),
                "WorkingDir": "/",
                "Labels": dict(self.labels),
                "StopSignal": "SIGTERM",
            },
            "rootfs": {"type": "layers", "diff_ids": [_digest(content) for content in layers]},
            "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "understudy"} for _ in layers],
        }


def layer(files: Mapping[str, Entry]) -> bytes:
    """Return the tar of the files and of the folders above them.

    Args:
        files: content by path inside the image, without a leading slash.

    Raises:
        ValueError: a path is absolute or leaves the image.
    """
    folders: set[str] = set()
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or str(path) != name or name == ".":
            raise ValueError(f"{name!r} is no path inside an image")
        folders.update(str(parent) for parent in path.parents if str(parent) != ".")
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(folders | files.keys()):
            if name in files:
                _add(archive, name, files[name].content, files[name].mode)
            else:
                info = _info(name, 0o755)
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
    return buffer.getvalue()


def write_archive(
    target: Path, repository: str, tag: str, config: ImageConfig, layers: Sequence[bytes]
) -> str:
    """Write the image's archive and return the digest of its manifest.

    Args:
        target: file to write.
        repository: the image's name without tag, for example ``understudy.local/orders``.
        tag: a tag for people; pods refer to the digest.
        config: how the image runs.
        layers: from :func:`layer`, lowest first.
    """
    config_blob = _json(config.document(layers))
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config_blob),
            "layers": [_descriptor(_LAYER, content) for content in layers],
            "annotations": dict(config.labels),
        }
    )
    digest = _digest(manifest)
    # containerd makes an image record per entry. Kubernetes looks for the record of the digest; the one with
    # a tag is for people and for tools that count tags.
    names = (f"{repository}:{tag}", f"{repository}@{digest}")
    platform = {"architecture": config.architecture, "os": "linux"}
    entries = [
        {
            **_descriptor(_MANIFEST, manifest),
            "platform": platform,
            "annotations": {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag},
        }
        for name in names
    ]
    docker = [
        {
            "Config": _path(config_blob),
            "RepoTags": [names[0]],
            "Layers": [_path(content) for content in layers],
        }
    ]
    with tarfile.open(target, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
        _add(archive, "index.json", _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": entries}))
        _add(archive, "manifest.json", _json(docker))
        for blob in sorted({config_blob, manifest, *layers}, key=_path):
            _add(archive, _path(blob), blob)
    return digest


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    info = _info(name, mode)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _info(name: str, mode: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mode = mode
    return info  # owner, group and time of a new TarInfo are zero


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _path(content: bytes) -> str:
    return "blobs/" + _digest(content).replace(":", "/")


def _descriptor(media_type: str, content: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}
