"""Writes the smallest kind of container image: one layer of files, as an OCI image layout in a tar file.

The same content gives the same bytes, so an image has the same digest on every machine.
"""

import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["write"]

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"  # not compressed: it never leaves the machine


def write(
    path: Path, *, reference: str, files: Mapping[str, Path], entrypoint: Sequence[str], user: str = "65532"
) -> str:
    """Write an image archive and return the digest of its manifest (``sha256:…``).

    Args:
        path: the tar file to write.
        reference: name and tag that importing it gives the image.
        files: absolute path in the image -> executable on this machine.
        entrypoint: what a container runs.
        user: numeric user id that it runs as.
    """
    layer = _tar({name.lstrip("/"): source.read_bytes() for name, source in files.items()}, mode=0o755)
    config = _encode(
        {
            "architecture": _ARCHITECTURES.get(platform.machine().lower(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": list(entrypoint), "User": user, "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _encode(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config),
            "layers": [_descriptor(_LAYER, layer)],
        }
    )
    names = {"io.containerd.image.name": reference, "org.opencontainers.image.ref.name": reference}
    index = {"schemaVersion": 2, "manifests": [{**_descriptor(_MANIFEST, manifest), "annotations": names}]}
    blobs = {f"blobs/sha256/{_digest(blob)[7:]}": blob for blob in (layer, config, manifest)}
    layout = {"oci-layout": _encode({"imageLayoutVersion": "1.0.0"}), "index.json": _encode(index)}
    path.write_bytes(_tar({**layout, **blobs}, mode=0o644))
    return _digest(manifest)


def _tar(files: Mapping[str, bytes], *, mode: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), mode, 0
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _encode(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
