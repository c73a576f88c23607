"""What the provider's settings say about every object, and the way from a type to its cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from localcloud.kubernetes.cluster import Cluster


@dataclass(frozen=True)
class Settings:
    """What the provider's settings say about every object."""

    namespace: str | None = None
    force: bool = False
    delete_unreachable: bool = False
    mutable_secrets: bool = False
    mutable_config_maps: bool = False
    adopt_existing: bool = False


class Connection(Protocol):
    """The way from a type to its cluster."""

    @property
    def known(self) -> set[tuple[str, str]]:
        """Tokens and ids of the objects that the engine has shown to know."""
        ...

    @property
    def settings(self) -> Settings:
        """The provider's settings."""
        ...

    def cluster(self) -> Cluster:
        """Return the cluster; raise LocalError when the settings don't lead to one (yet)."""
        ...
