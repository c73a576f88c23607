"""A built image and its record."""

from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["REGISTRY", "Image"]

# A name that resolves nowhere: these images are imported into nodes, never pulled.
REGISTRY = "understudy.local"


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image on this machine.

    Attributes:
        name: the service's name, for example ``orders``.
        digest: digest of the manifest, ``sha256:…``.
        reference: what a pod spec says, ``understudy.local/orders@sha256:…``.
        archive: tar that ``ctr images import``, ``kind load image-archive`` and ``k3d image import`` take.
    """

    name: str
    digest: str
    reference: str
    archive: Path

    def record(self) -> dict[str, str]:
        """Return the entry of ``build/images.json``."""
        return {key: str(value) for key, value in asdict(self).items() if key != "name"}
