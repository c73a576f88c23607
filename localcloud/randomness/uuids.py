"""random:index/randomUuid, randomUuid4 and randomUuid7: one type in three versions."""

from __future__ import annotations

import secrets
import time
import uuid

from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.resource import Properties


class RandomUuid(RandomType):
    """A UUID of random bits. Imported by itself."""

    token = "random:index/randomUuid:RandomUuid"
    source = read_from("resource_uuid.go", "889d30c01402e3911cb96104d4df5d44b2a6a6b4")
    inputs = {"keepers": KEEPERS}
    outputs = ("result",)
    version: int | None = None

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        result = str(self.new())
        return result, {"result": result}

    def new(self) -> uuid.UUID:
        """Return a new UUID."""
        return uuid.uuid4()

    def parse(self, identity: str) -> tuple[str, Properties]:
        try:
            found = uuid.UUID(identity)
        except ValueError:
            raise ValueError("the id must be a UUID") from None
        if self.version is not None and found.version != self.version:
            raise ValueError(f"the id must be a UUID of version {self.version}, not {found.version}")
        return str(found), {"result": str(found)}


class RandomUuid4(RandomUuid):
    """A UUID of version 4. Imported by itself."""

    token = "random:index/randomUuid4:RandomUuid4"
    source = read_from("resource_uuid4.go", "c58037b18fe0a19b37e4a25d6a5efa1dbb526247")
    version = 4


class RandomUuid7(RandomUuid):
    """A UUID of version 7, which sorts by time. Imported by itself."""

    token = "random:index/randomUuid7:RandomUuid7"
    source = read_from("resource_uuid7.go", "c58037b18fe0a19b37e4a25d6a5efa1dbb526247")
    version = 7

    def new(self) -> uuid.UUID:
        """Return 48 bits of Unix milliseconds and 74 random bits (RFC 9562, section 5.7)."""
        bits = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        bits = bits & ~(0xF << 76) | 7 << 76
        bits = bits & ~(0x3 << 62) | 2 << 62
        return uuid.UUID(int=bits)
