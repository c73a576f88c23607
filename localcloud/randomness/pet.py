"""random:index/randomPet:RandomPet."""

from __future__ import annotations

import random

import petname

from localcloud.fields import Integer, Text
from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.resource import Properties


class RandomPet(RandomType):
    """A pet's name of `length` words: adverbs, an adjective, a name. Can't be imported."""

    token = "random:index/randomPet:RandomPet"
    source = read_from("resource_pet.go", "808613503954241e48cd9e5358fdef64cb0a1fc1")
    inputs = {
        "keepers": KEEPERS,
        "length": Integer(default=2, force_new=True),
        "prefix": Text(force_new=True),
        "separator": Text(default="-", force_new=True),
    }

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        words = _words(inputs["length"], random.SystemRandom())
        prefix = [inputs["prefix"]] if inputs.get("prefix") else []
        return inputs["separator"].join([*prefix, *words]), {}


def _words(count: int, chance: random.Random) -> list[str]:
    """Return `count` words from the lists of petname, the package that the official plugin uses in Go."""
    if count <= 0:
        return []
    words = [chance.choice(petname.adverbs) for _ in range(count - 2)]
    if count > 1:
        words.append(chance.choice(petname.adjectives))
    return [*words, chance.choice(petname.names)]
