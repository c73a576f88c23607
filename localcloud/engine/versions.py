"""The engine's pinned version, and which other versions serve as well."""

import re
from typing import NamedTuple

__all__ = ["PINNED", "Version", "acceptable", "parse_version"]


class Version(NamedTuple):
    """A release number; pre-releases are told apart by ``pre`` and come before the release itself."""

    major: int
    minor: int
    patch: int
    pre: str = ""

    def __str__(self) -> str:
        """Return the version as the engine prints it, without the leading ``v``."""
        suffix = f"-{self.pre}" if self.pre else ""
        return f"{self.major}.{self.minor}.{self.patch}{suffix}"


PINNED = Version(3, 259, 0)

_PATTERN = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")


def parse_version(text: str) -> Version | None:
    """Return the version that ``pulumi version`` printed, or nothing where it is none.

    Example:
        >>> parse_version("v3.259.0\\n")
        Version(major=3, minor=259, patch=0, pre='')
    """
    found = _PATTERN.fullmatch(text.strip())
    if found is None:
        return None
    major, minor, patch, pre = found.groups()
    return Version(int(major), int(minor), int(patch), pre or "")


def acceptable(version: Version, pinned: Version = PINNED) -> bool:
    """Say whether an engine of ``version`` can be used: the pinned minor or newer, of the same major.

    A pre-release of the pinned minor is older than its first release, so it does not count.
    """
    if version.major != pinned.major:
        return False
    if version.minor == pinned.minor:
        return not version.pre
    return version.minor > pinned.minor
