"""Free TCP ports that stay the same from one start to the next."""

from __future__ import annotations

import json
import socket
import zlib
from pathlib import Path

from localcloud.errors import LocalCloudError
from localcloud.files import locked, write_atomic

# Below the ports that Linux gives to outgoing connections (32768) and Kubernetes to NodePorts (30000).
FIRST, LAST = 20000, 29999


def is_free(address: str, port: int) -> bool:
    """Tell whether a server could listen on `address`:`port` now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


class Ports:
    """The port of each server of a data folder, recorded in ``ports.json``."""

    def __init__(self, data: Path) -> None:
        self._file = data / "ports.json"

    def choose(self, name: str, address: str) -> int:
        """The port for server `name`: the one it had, when that is free, else a new free one."""
        with locked(self._file.with_suffix(".lock")):
            taken = self._load()
            previous = taken.get(name)
            if previous is not None and is_free(address, previous):
                return previous
            others = set(taken.values())
            offset = zlib.crc32(f"{self._file}/{name}".encode())
            for step in range(LAST - FIRST + 1):
                port = FIRST + (offset + step) % (LAST - FIRST + 1)
                if port not in others and is_free(address, port):
                    write_atomic(self._file, json.dumps({**taken, name: port}, indent=2, sort_keys=True))
                    return port
        raise LocalCloudError(f"no port between {FIRST} and {LAST} is free on {address} for {name}")

    def recorded(self, name: str) -> int | None:
        """The port that was last chosen for server `name`."""
        return self._load().get(name)

    def forget(self, name: str) -> None:
        """Give the port of server `name` back."""
        with locked(self._file.with_suffix(".lock")):
            taken = self._load()
            if taken.pop(name, None) is not None:
                write_atomic(self._file, json.dumps(taken, indent=2, sort_keys=True))

    def _load(self) -> dict[str, int]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # none yet, or damaged: ports can always be chosen anew
            return {}
        if not isinstance(content, dict):
            return {}
        return {str(name): port for name, port in content.items() if isinstance(port, int)}
