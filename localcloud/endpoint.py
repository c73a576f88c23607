"""The guard that keeps local plugins on this machine."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from localcloud.resource import LocalError


def require_local(url: str, what: str) -> str:
    """Return `url` if its host is this machine, else raise LocalError.

    A host is this machine when every address it resolves to is a loopback address or one that a socket can
    be bound to here.

    >>> require_local("http://127.0.0.1:5000", "the AWS endpoint")
    'http://127.0.0.1:5000'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LocalError(
            f"{what} must be an http(s) URL, not {url!r}; run `understudy env` for the right one"
        )
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
    except OSError:
        raise LocalError(
            f"{what} {url}: the host {parts.hostname} is not known; run `understudy local status`"
        ) from None
    for family, *_rest, address in found:
        if not _is_here(family, str(address[0])):
            raise LocalError(
                f"{what} {url} is not on this machine: local plugins talk to nothing else; "
                "use the official plugin for it (`understudy env --official-plugins`)"
            )
    return url


def _is_here(family: int, address: str) -> bool:
    if ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_loopback:
        return True
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
