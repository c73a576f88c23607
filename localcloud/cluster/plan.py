"""Which addresses one local cluster uses: a pure choice, made once and then kept.

A cluster owns one private /16: the two ends of the link between this machine and its node, the pods, and
the Services. One block means one route on this machine, and one thing to compare with what is taken.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from localcloud.errors import LocalCloudError

__all__ = ["NetworkPlan", "NoFreeNetworkError", "candidates", "choose"]

_PREFERRED = tuple(IPv4Network(f"10.{second}.0.0/16") for second in range(128, 255))
# For a machine whose company routes all of 10.0.0.0/8 somewhere.
_OTHERS = tuple(
    IPv4Network(f"{first}.{second}.0.0/16")
    for first, seconds in ((172, range(16, 32)), (198, (18, 19)))
    for second in seconds
)
# A route wider than this says where everything else goes (a VPN splits the default route in two halves).
_WIDEST_PREFIX = 8


class NoFreeNetworkError(LocalCloudError):
    """Every block that a local cluster may use overlaps a route of this machine."""


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """The addresses of one cluster, all inside ``block``.

    Example:
        >>> plan = NetworkPlan(block=IPv4Network("10.200.0.0/16"))
        >>> str(plan.host_address), str(plan.node_address), str(plan.dns_address)
        ('10.200.0.1', '10.200.0.2', '10.200.128.10')
    """

    block: IPv4Network

    def __post_init__(self) -> None:
        if self.block.prefixlen != 16 or not self.block.is_private:
            raise ValueError(f"block: {self.block} is not a private /16; give one such as 10.200.0.0/16")

    @property
    def link(self) -> IPv4Network:
        """The four addresses of the link between this machine and the node."""
        return IPv4Network((self.block.network_address, 30))

    @property
    def host_address(self) -> IPv4Address:
        """This machine's end of the link: what pods call a server on this machine by."""
        return self.block[1]

    @property
    def node_address(self) -> IPv4Address:
        """The node's end of the link: where node ports and the kubelet listen."""
        return self.block[2]

    @property
    def pods(self) -> IPv4Network:
        """Addresses of pods."""
        return IPv4Network((self.block[64 * 256], 18))

    @property
    def services(self) -> IPv4Network:
        """Addresses of Services (cluster IPs)."""
        return IPv4Network((self.block[128 * 256], 18))

    @property
    def api_service_address(self) -> IPv4Address:
        """Cluster IP of the Service ``kubernetes``: by rule the first one."""
        return self.services[1]

    @property
    def dns_address(self) -> IPv4Address:
        """Cluster IP of the Service ``kube-dns``."""
        return self.services[10]


def candidates(seed: str) -> list[IPv4Network]:
    """Return every block a cluster may use, in the order in which ``seed`` tries them."""
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big") % len(_PREFERRED)
    return [*_PREFERRED[start:], *_PREFERRED[:start], *_OTHERS]


def choose(seed: str, taken: Iterable[IPv4Network]) -> NetworkPlan:
    """Return the first block in ``seed``'s order that overlaps nothing that is taken.

    Args:
        seed: name of the instance, so that two instances start their search at different places.
        taken: networks this machine has a route or an address in; default routes do not count.

    Raises:
        NoFreeNetworkError: when every block is taken.
    """
    occupied = [network for network in taken if network.prefixlen >= _WIDEST_PREFIX]
    for block in candidates(seed):
        if not any(block.overlaps(network) for network in occupied):
            return NetworkPlan(block=block)
    raise NoFreeNetworkError(
        "no free network for the cluster: this machine routes every private /16 of 10.128.0.0 to "
        "10.254.255.255 and 172.16.0.0/12; remove a route, or use your own cluster with --kube-context"
    )
