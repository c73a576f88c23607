"""The address plan of a network: pure arithmetic on IPv4 blocks.

A block is parted into tiers, and each tier into zones. A zone's place is fixed by its letter, so adding a
zone later moves no subnet that exists.
"""

import ipaddress
from dataclasses import dataclass
from typing import Literal

from components.argument_types import check_types
from components.checks import InvalidArgument

Tier = Literal["public", "private", "data"]
"""Public: load balancers and NAT. Private: workloads. Data: databases, without a way to the internet."""

ZONES_PER_TIER = 4
"""Places for zones in each tier, `a` to `d`."""

TIERS: dict[Tier, tuple[int, int]] = {"private": (1, 0), "public": (3, 4), "data": (3, 5)}
"""Each tier's share of the network: how many bits smaller its block is, and which of those blocks it is."""


@dataclass(frozen=True, kw_only=True)
class AddressPlan:
    """Where each tier and subnet lies in a network.

    Half of the network is for workloads, an eighth each for public and data, and a quarter stays free.

    Example:
        >>> plan = AddressPlan(cidr="10.0.0.0/16", zones=("a", "b", "c"))
        >>> plan.subnets("private")
        {'a': '10.0.0.0/19', 'b': '10.0.32.0/19', 'c': '10.0.64.0/19'}

    Raises:
        InvalidArgument: a block or a zone that can't be planned with.
    """

    cidr: str
    """The network's IPv4 block: /16 to /20, as a VPC's is at most /16 and a subnet at least /28."""
    zones: tuple[str, ...]
    """Letters of the zones, `a` to `d`."""

    def __post_init__(self) -> None:
        check_types(self)
        try:
            block = ipaddress.IPv4Network(self.cidr)
        except ValueError:
            raise InvalidArgument("cidr", self.cidr, "use an IPv4 block such as 10.0.0.0/16") from None
        if not 16 <= block.prefixlen <= 20:
            raise InvalidArgument("cidr", self.cidr, "use a block of /16 to /20")
        if not block.is_private:
            raise InvalidArgument("cidr", self.cidr, "use a private block, in 10.0.0.0/8 for example")
        letters = "abcd"[:ZONES_PER_TIER]
        if not self.zones or len(set(self.zones)) != len(self.zones):
            raise InvalidArgument("zones", self.zones, "name each zone once, and at least one")
        for zone in self.zones:
            if zone not in letters or len(zone) != 1:
                raise InvalidArgument("zones", zone, f"use letters from {letters[0]} to {letters[-1]}")

    def tier(self, tier: Tier) -> str:
        """The block that holds every subnet of a tier, those of later zones included."""
        return str(self._tier(tier))

    def subnets(self, tier: Tier) -> dict[str, str]:
        """The block of each zone's subnet in a tier."""
        places = list(self._tier(tier).subnets(new_prefix=self._tier(tier).prefixlen + 2))
        return {zone: str(places["abcd".index(zone)]) for zone in self.zones}

    def _tier(self, tier: Tier) -> ipaddress.IPv4Network:
        smaller, place = TIERS[tier]
        return list(ipaddress.IPv4Network(self.cidr).subnets(prefixlen_diff=smaller))[place]
