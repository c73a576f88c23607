"""Starts and stops the server that plays AWS, and asks it who it is.

Its state is in its memory: every start is a new *generation*. Whoever keeps the generation that it
deployed to can tell by one request whether what it made is still there.
"""

from __future__ import annotations

import http.client
import json
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.ports import Ports
from localcloud.supervise import Supervisor

NAME = "moto"
START_SECONDS = 60
_GENERATION_PATH = "/understudy/generation"  # as in localcloud.aws.moto, whose import costs a second


@dataclass(frozen=True)
class MotoServer:
    """A running server. `restarted` is True when this call started it, with empty hands."""

    address: str
    port: int
    generation: str
    restarted: bool

    @property
    def url(self) -> str:
        """The endpoint for every AWS service."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"


def begin(servers: Supervisor, ports: Ports, address: str) -> MotoServer:
    """Start the server, unless it runs on `address` already; `wait` until it answers."""
    port = ports.recorded(NAME)
    if servers.alive(NAME):
        generation = running_generation(address, port) if port else None
        if port and generation:
            return MotoServer(address, port, generation, restarted=False)
        servers.stop(NAME)  # it hangs, or listens on another address
    port = ports.choose(NAME, address)
    generation = secrets.token_hex(8)
    argv = [sys.executable, "-m", "localcloud.aws.moto", "--host", address, "--port", str(port)]
    servers.start(NAME, [*argv, "--generation", generation])
    return MotoServer(address, port, generation, restarted=True)


def wait(servers: Supervisor, server: MotoServer, progress: Callable[[str], None] = lambda _: None) -> None:
    """Wait until the server answers; a server that died is reported with its last log lines."""
    servers.wait_ready(
        NAME,
        lambda: running_generation(server.address, server.port) == server.generation,
        timeout=START_SECONDS,
        progress=progress,
    )


def running_generation(address: str, port: int, timeout: float = 5) -> str | None:
    """The generation of the server at `address`:`port`; None when none answers (`timeout` in seconds)."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", _GENERATION_PATH)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        generation = content.get("generation") if answer.status == 200 else None
        return generation if isinstance(generation, str) else None
    except (OSError, ValueError, http.client.HTTPException, AttributeError):
        return None
    finally:
        connection.close()
