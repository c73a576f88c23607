"""random:index/randomString:RandomString."""

from __future__ import annotations

from localcloud.fields import Failures
from localcloud.randomness import characters
from localcloud.randomness.base import RandomType, read_from
from localcloud.resource import Properties


class RandomString(RandomType):
    """A string of random characters that is no secret. Imported by the string itself."""

    token = "random:index/randomString:RandomString"
    source = read_from("resource_string.go", "04572027ebbaca354b5018c9fc62ea23c4f688cf")
    inputs = characters.fields()
    outputs = ("result", "number", "numeric")

    def validate(self, inputs: Properties) -> Failures:
        return characters.validate(inputs)

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        result = characters.draw(characters.recipe(inputs))
        return result, {**characters.settle(inputs), "result": result}

    def parse(self, identity: str) -> tuple[str, Properties]:
        return identity, imported(identity)


def imported(result: str) -> Properties:
    """Return the state of a string or password that was made elsewhere: all classes, no least numbers."""
    flags = dict.fromkeys(("lower", "number", "numeric", "special", "upper"), True)
    least = dict.fromkeys(("minLower", "minNumeric", "minSpecial", "minUpper"), 0)
    return {"result": result, "length": len(result), **flags, **least}
