"""How much memory a node type has."""

from __future__ import annotations

from typing import Final

# MiB of memory for data, from the parameter ``maxmemory`` of each node type
# (https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html#ParameterGroups.Redis.NodeSpecific),
# rounded down.
_MEMORY: Final = {
    "cache.t4g.micro": 512,
    "cache.t4g.small": 1402,
    "cache.t4g.medium": 3164,
    "cache.m7g.large": 6536,
    "cache.m7g.xlarge": 13_248,
    "cache.r7g.large": 13_386,
    "cache.r7g.xlarge": 26_952,
}


def memory_mib(node_type: str | None) -> int | None:
    """Return the memory of `node_type` in MiB, or None for a type that is not listed: no limit then."""
    return _MEMORY.get(node_type or "")
