"""Names of zones and records, which Route 53 writes with a period at the end and in lower case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localcloud.fields import Text


@dataclass(frozen=True, kw_only=True)
class DomainName(Text):
    """A host name; a period at its end and the case of its letters mean nothing."""

    def same(self, old: Any, new: Any) -> bool:
        if isinstance(old, str) and isinstance(new, str):
            return plain(old) == plain(new)
        return old == new


def plain(name: str) -> str:
    """Return a name as people write it.

    >>> plain("Shop.Example.com.")
    'shop.example.com'
    """
    return name.removesuffix(".").lower()


def full(name: str, zone: str) -> str:
    """Return the whole name of a record: one that does not end with its zone's name is relative to it.

    >>> full("shop", "example.com.")
    'shop.example.com'
    """
    short, parent = plain(name), plain(zone)
    return short if short == parent or short.endswith(f".{parent}") else f"{short}.{parent}"


def bad_name(name: str) -> str | None:
    """Return what is wrong with the name of a zone, if anything."""
    fits = all(0 < len(label) <= 63 for label in plain(name).split("."))
    return None if fits else "must be labels of 1 to 63 characters with periods between them"
