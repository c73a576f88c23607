"""The package of random types, as the plugin serves it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from localcloud.fields import Field
from localcloud.randomness.base import RandomType
from localcloud.randomness.bytes_type import RandomBytes
from localcloud.randomness.id_type import RandomId
from localcloud.randomness.integer import RandomInteger
from localcloud.randomness.password import RandomPassword
from localcloud.randomness.pet import RandomPet
from localcloud.randomness.shuffle import RandomShuffle
from localcloud.randomness.string import RandomString
from localcloud.randomness.uuids import RandomUuid, RandomUuid4, RandomUuid7
from localcloud.resource import Function, Package, Properties, UnknownToken

TYPES: tuple[type[RandomType], ...] = (
    RandomBytes,
    RandomId,
    RandomInteger,
    RandomPassword,
    RandomPet,
    RandomShuffle,
    RandomString,
    RandomUuid,
    RandomUuid4,
    RandomUuid7,
)


class RandomPackage(Package):
    """Random values that stay the same until their inputs or keepers change."""

    name = "random"

    def __init__(self) -> None:
        self.version = version("pulumi-random")
        self.settings: Mapping[str, Field] = {}
        self._types = {kind.token: kind() for kind in TYPES}

    def configure(self, settings: Properties) -> None:
        """Take the settings; there are none."""

    def tokens(self) -> list[str]:
        """Return the tokens of all types."""
        return list(self._types)

    def resource(self, token: str) -> RandomType:
        """Return the type of `token`."""
        if token not in self._types:
            raise UnknownToken(
                f"{token}: no such type in the random package; there are {', '.join(self._types)}"
            )
        return self._types[token]

    def function(self, token: str) -> Function:
        """Refuse: the random package has no functions."""
        raise UnknownToken(f"{token}: the random package has no functions")


def package() -> Package:
    """Return the package."""
    return RandomPackage()
