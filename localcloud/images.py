"""Getting an image onto the nodes of whichever cluster the local cloud uses."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from localcloud.config import LocalCloud
from localcloud.errors import LocalCloudError

Run = Callable[[list[str]], str]


def put(
    data: Path, cache: Path, cloud: LocalCloud, archive: Path, reference: str, *, run: Run | None = None
) -> None:
    """Make `reference` (``name@sha256:…``), which `archive` holds, known to the cluster of `cloud`.

    Nothing is done for an image that the own node has already. Raises LocalCloudError when the cluster takes
    no archives (one that is neither our own, kind nor k3d).
    """
    if cloud.image_import == "containerd":
        from localcloud.cluster.node import Node  # noqa: PLC0415 - not light, and not on every system

        node = Node(data, cache)
        if not any(_same(image.reference, reference) for image in node.images()):
            node.import_image(archive, reference)
        return
    target = cloud.image_import_target
    commands = {
        "kind": ["kind", "load", "image-archive", str(archive), "--name", target],
        "k3d": ["k3d", "image", "import", str(archive), "--cluster", target],
    }
    if cloud.image_import not in commands:
        raise LocalCloudError(
            f"images can't be put on the cluster {cloud.context}: it is neither kind nor k3d; "
            f"push {reference} to a registry that it reaches and set understudy:images"
        )
    (run or _run)(commands[cloud.image_import])


def _same(listed: str, wanted: str) -> bool:
    # containerd lists a short name with the registry that it stands for.
    return listed == wanted or listed.endswith(f"/{wanted}")


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except FileNotFoundError:
        raise LocalCloudError(
            f"{command[0]} is not on PATH; install it, it loads images into your cluster"
        ) from None
    except subprocess.TimeoutExpired:
        raise LocalCloudError(
            f"{command[0]} did not load {command[3]} within 300 s; look at your cluster"
        ) from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise LocalCloudError(f"{' '.join(command[:3])} failed: {last}", details=done.stderr)
    return done.stdout
