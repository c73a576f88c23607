"""The executables of the cluster, built from their Go modules.

One module of ours (``build/``) pins Kubernetes and CoreDNS together, so that the packages they share are
compiled once, and holds all five Kubernetes servers in one executable, so that they are linked once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from localcloud.gobuild import build

__all__ = ["COREDNS_VERSION", "KUBERNETES_VERSION", "POLICIES_VERSION", "Executables", "ensure"]

KUBERNETES_VERSION = "1.36.3"
COREDNS_VERSION = "1.12.4"
POLICIES_VERSION = "0.7.0"
"""Of sigs.k8s.io/kube-network-policies. Later ones want a newer containerd (NRI), and fail without it."""

_MODULE = Path(__file__).with_name("build")
_PACKAGES = "understudy.invalid/cluster"
_TARGETS = ("coredns", "kubernetes", "pause")


@dataclass(frozen=True, kw_only=True)
class Executables:
    """Paths of what was built, all in one folder."""

    kubernetes: Path
    coredns: Path
    pause: Path
    policies: Path
    """Enforces NetworkPolicies; the only one that is not in the others' folder."""


def ensure(cache_dir: Path, progress: Callable[[str], None] | None = None) -> Executables:
    """Return the executables; build them when the cache does not hold them (minutes on two cores).

    Args:
        cache_dir: folder of things that can be made again.
        progress: called with short status lines.

    Raises:
        localcloud.gobuild.BuildError: one line with what is wrong and how to mend it.
    """
    paths = build(
        "Kubernetes",
        KUBERNETES_VERSION,
        _MODULE,
        {name: f"{_PACKAGES}/{name}" for name in _TARGETS},
        dest=cache_dir / "kubernetes" / KUBERNETES_VERSION,
        ldflags=_ldflags(),
        progress=progress,
    )
    # A module of its own, with most packages in common: a change of it builds nothing of Kubernetes anew.
    policies = build(
        "NetworkPolicy enforcement",
        POLICIES_VERSION,
        _MODULE.with_name("policies"),
        {"network-policies": "understudy.invalid/policies"},
        dest=cache_dir / "network-policies" / POLICIES_VERSION,
        progress=progress,
        free_bytes=1024**3,
    )
    return Executables(
        kubernetes=paths["kubernetes"],
        coredns=paths["coredns"],
        pause=paths["pause"],
        policies=policies["network-policies"],
    )


def _ldflags() -> str:
    # The servers tell one another and their clients this version; without it they claim v0.0.0.
    package = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES_VERSION.split(".")
    values = {"gitVersion": f"v{KUBERNETES_VERSION}", "gitMajor": major, "gitMinor": minor}
    return " ".join(["-s -w", *(f"-X {package}.{name}={value}" for name, value in values.items())])
