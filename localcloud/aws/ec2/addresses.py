"""Checks of addresses and CIDR blocks, as the official provider makes them.

Source: hashicorp/terraform-provider-aws internal/verify/validate.go
@ 01606926a0c0ab9174aec440f976a48b0baee722.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localcloud.fields import Text


def ipv4_block(minimum: int = 0, maximum: int = 32) -> Callable[[str], str | None]:
    """Return a check for an IPv4 CIDR block whose prefix length lies between `minimum` and `maximum`."""

    def check(value: str) -> str | None:
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError as error:
            return _problem(value, error, "10.0.0.0/16")
        if "/" not in value:
            return f"must be a CIDR block such as 10.0.0.0/16, not {value!r}"
        if not minimum <= network.prefixlen <= maximum:
            return f"must have a prefix length between {minimum} and {maximum}, not {network.prefixlen}"
        return None

    return check


def ipv6_block(value: str) -> str | None:
    """Check an IPv6 CIDR block."""
    try:
        ipaddress.IPv6Network(value)
    except ValueError as error:
        return _problem(value, error, "2001:db8::/56")
    return None if "/" in value else f"must be a CIDR block such as 2001:db8::/56, not {value!r}"


def same_block(old: str | None, new: str | None) -> bool:
    """Tell whether two CIDR blocks are the same network, however they are written."""
    if old is None or new is None:
        return old == new
    try:
        return ipaddress.ip_network(old) == ipaddress.ip_network(new)
    except ValueError:
        return old == new


@dataclass(frozen=True, kw_only=True)
class Ipv6Block(Text):
    """An IPv6 CIDR block; however it is written, the same network is no change."""

    check: Callable[[Any], str | None] | None = ipv6_block

    def same(self, old: Any, new: Any) -> bool:
        return same_block(old, new)


def _problem(value: str, error: ValueError, example: str) -> str:
    if "host bits" in str(error):
        network = ipaddress.ip_network(value, strict=False)
        return f"must be the network's own address: {network}, not {value}"
    return f"must be a CIDR block such as {example}, not {value!r}"
