"""Servers of the user's own, given by URL: where clients reach them, pods included."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from localcloud.dataplane.model import Endpoint
from localcloud.errors import LocalCloudError


def client_endpoint(url: str, host_address: str, default_port: int) -> Endpoint:
    """Where clients connect: the URL's host, or the host address where pods could not reach that one.

    A server that listens on loopback only is no use to pods: that is an error with the way out.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or default_port
    if not is_loopback(host) or is_loopback(host_address):
        return Endpoint(host, port)
    try:
        socket.create_connection((host_address, port), timeout=3).close()
    except OSError:
        raise LocalCloudError(
            f"the server at {host}:{port} does not listen on {host_address}, where pods reach this machine; "
            "let it listen there too (PostgreSQL: listen_addresses, Redis: bind)"
        ) from None
    return Endpoint(host_address, port)


def is_loopback(host: str) -> bool:
    """Tell whether `host` is a loopback address or ``localhost``."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
