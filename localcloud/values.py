"""Property values as the engine knows them: plain Python data plus *unknown* and *secret*.

Everything that a local type sees is made of ``None``, ``bool``, ``int``, ``float``, ``str``, ``list``
and ``dict``; `UNKNOWN` stands for a value that will be known after deployment only, and `Secret` marks
a value that the engine must encrypt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final


class Unknown:
    """The type of `UNKNOWN`; there is one instance."""

    _instance: Unknown | None = None

    def __new__(cls) -> Unknown:
        """Return the one instance, so that ``is UNKNOWN`` is a safe test."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        """Refuse to be tested for truth: whether it is true is not known yet."""
        raise TypeError("an unknown value has no truth; compare it with `is UNKNOWN`")


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that the engine must keep encrypted. Its repr never shows it."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True)
class Asset:
    """One file of an archive: its text, or where it lies. `digest` is the engine's hash, when it gave one."""

    text: str | None = None
    path: str | None = None
    digest: str = ""


@dataclass(frozen=True)
class Archive:
    """A collection of files: a folder or a zip at `path`, or `assets` by their names in it."""

    path: str | None = None
    assets: tuple[tuple[str, Asset | Archive], ...] | None = None
    digest: str = ""


def has_unknown(value: object) -> bool:
    """Tell whether `value` is, or contains at any depth, `UNKNOWN`."""
    return any(leaf is UNKNOWN for leaf in leaves(value))


def leaves(value: object) -> Iterator[object]:
    """Yield every value of a nested structure that is neither a list, a dict nor a `Secret`."""
    match value:
        case Secret():
            yield from leaves(value.value)
        case dict():
            for item in value.values():
                yield from leaves(item)
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case _:
            yield value


def reveal(value: Any) -> Any:
    """Return `value` without any `Secret` wrapper, at any depth."""
    match value:
        case Secret():
            return reveal(value.value)
        case dict():
            return {key: reveal(item) for key, item in value.items()}
        case list() | tuple():
            return [reveal(item) for item in value]
        case _:
            return value
