"""Which AUTH tokens are valid after a change, by ElastiCache's update strategies."""

from __future__ import annotations

from localcloud.dataplane.model import AuthStrategy
from localcloud.dataplane.redis_server import digest


def tokens_after(old: list[str], auth_token: str | None, strategy: AuthStrategy) -> list[str]:
    """Digests of the valid tokens: ROTATE keeps the newest old one, SET only the new one, DELETE none."""
    if strategy == "DELETE":
        return []
    if auth_token is None:
        return old
    new = digest(auth_token)
    return [new] if strategy == "SET" else [*[token for token in old if token != new][-1:], new]
