"""random:index/randomShuffle:RandomShuffle."""

from __future__ import annotations

from localcloud.fields import Integer, ListOf, Text
from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.randomness.seed import generator
from localcloud.resource import Properties


class RandomShuffle(RandomType):
    """A random order of `inputs`, repeated or cut to `resultCount`. Can't be imported."""

    token = "random:index/randomShuffle:RandomShuffle"
    source = read_from("resource_shuffle.go", "d836c97e974cd975377b2615fcddd36b6ca6a206")
    inputs = {
        "inputs": ListOf(element=Text(), required=True, force_new=True),
        "keepers": KEEPERS,
        "resultCount": Integer(minimum=0, force_new=True),
        "seed": Text(force_new=True),
    }
    outputs = ("results",)

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        given = inputs["inputs"]
        count = inputs.get("resultCount", len(given))
        chance = generator(inputs.get("seed"))
        results: list[str] = []
        while given and len(results) < count:
            results += chance.sample(given, len(given))
        return "-", {"results": results[:count]}
