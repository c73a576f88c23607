"""How a language's runtime is told what its container has. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from components.argument_types import check_types
from components.checks import check, check_range

Language = Literal["go", "rust"]
"""Languages that services are written in."""

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one replica asks for and may use at most.

    Raises:
        InvalidArgument: a number out of range, or a limit below the request.
    """

    cpu: int = 100
    """Thousandths of a CPU that are reserved, 10 to 64000."""
    cpu_limit: int = 1000
    """Thousandths of a CPU that may be used."""
    memory: int = 64
    """MiB of memory that are reserved, 16 to 262144."""
    memory_limit: int = 128
    """MiB of memory at which the container is killed."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("cpu", self.cpu, 10, 64_000, "thousandths of a CPU")
        check_range("cpu_limit", self.cpu_limit, 10, 64_000, "thousandths of a CPU")
        check_range("memory", self.memory, 16, 262_144, "MiB")
        check_range("memory_limit", self.memory_limit, 16, 262_144, "MiB")
        check(self.cpu_limit >= self.cpu, "cpu_limit", self.cpu_limit, f"use at least cpu, {self.cpu}")
        check(
            self.memory_limit >= self.memory,
            "memory_limit",
            self.memory_limit,
            f"use at least memory, {self.memory}",
        )

    def requests(self) -> dict[str, str]:
        """The requests as Kubernetes writes them."""
        return {"cpu": f"{self.cpu}m", "memory": f"{self.memory}Mi"}

    def limits(self) -> dict[str, str]:
        """The limits as Kubernetes writes them."""
        return {"cpu": f"{self.cpu_limit}m", "memory": f"{self.memory_limit}Mi"}


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What one language's runtime has to be told: the names of its settings, and what they are made of."""

    threads: str
    """Variable with the number of threads that run code."""
    memory: tuple[str, int] | None
    """Variable with the memory in bytes that the collector keeps to, and its percentage of the limit."""
    fixed: Mapping[str, str]
    """What is the same for every size."""


RUNTIMES: Mapping[Language, Runtime] = {
    # A tenth is left for what Go's collector does not see: stacks of the runtime, mapped files. A panic
    # shows every goroutine, as the one that fell is seldom the one that is to blame.
    "go": Runtime(threads="GOMAXPROCS", memory=("GOMEMLIMIT", 90), fixed={"GOTRACEBACK": "all"}),
    # Rust has no collector. glibc's allocator would make eight arenas for each CPU of the node, which
    # hold on to memory; two are enough for few threads. A panic shows where it came from.
    "rust": Runtime(
        threads="TOKIO_WORKER_THREADS",
        memory=None,
        fixed={"MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "1"},
    ),
}
"""All that differs between services in Go and in Rust."""


def runtime_environment(language: Language, size: Size) -> dict[str, str]:
    """Environment variables that fit the runtime to its container.

    Go would start a thread for each CPU of the node and collect garbage too late for the limit; Tokio,
    too, counts the node's CPUs.

    >>> runtime_environment("go", Size(cpu_limit=1500, memory_limit=100))
    {'GOMAXPROCS': '2', 'GOMEMLIMIT': '94371840', 'GOTRACEBACK': 'all'}
    """
    runtime = RUNTIMES[language]
    variables = {runtime.threads: str(-(-size.cpu_limit // 1000))}
    if runtime.memory is not None:
        variable, percentage = runtime.memory
        variables[variable] = str(size.memory_limit * MIB * percentage // 100)
    return {**variables, **runtime.fixed}
