"""Where a service listens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components.argument_types import check_types
from components.checks import check, check_match, check_range


@dataclass(frozen=True, kw_only=True)
class Port:
    """A TCP port that a service listens on.

    Raises:
        InvalidArgument: a name or a number that Kubernetes does not take for a port.
    """

    name: str
    """Name of the port, such as `grpc`: at most 15 of a-z and 0-9."""
    number: int
    """1024 to 65535, as no service runs as root."""
    exposed: bool = True
    """Whether others in the cluster reach it by the service's name."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("name", self.name, r"[a-z][a-z0-9]{0,14}", "use at most 15 of a-z and 0-9")
        check_range("number", self.number, 1024, 65535)


@dataclass(frozen=True, kw_only=True)
class Backend:
    """A port of a service that a gateway sends requests to. Services make these (`Service.routed`).

    Raises:
        InvalidArgument: a name of a service that is none.
    """

    service: str
    """Name of the Kubernetes Service."""
    selector: Mapping[str, str]
    """Labels of its pods."""
    port: int
    """TCP port."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("service", self.service, r"[a-z](-?[a-z0-9]){0,62}", "use a name of Kubernetes")
        check_range("port", self.port, 1, 65_535)


def check_ports(ports: Sequence[Port], health_port: str) -> None:
    """Refuse ports that can't be told apart, and health on a port that there is not."""
    names = [port.name for port in ports]
    numbers = [port.number for port in ports]
    check(len(set(names)) == len(names), "ports", names, "give each port a name of its own")
    check(len(set(numbers)) == len(numbers), "ports", numbers, "give each port a number of its own")
    check(health_port in names, "health_port", health_port, f"use one of {', '.join(names)}")
