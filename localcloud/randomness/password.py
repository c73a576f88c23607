"""random:index/randomPassword:RandomPassword."""

from __future__ import annotations

import bcrypt

from localcloud.fields import Failures
from localcloud.randomness import characters
from localcloud.randomness.base import RandomType, read_from
from localcloud.randomness.string import imported
from localcloud.resource import Properties

# The id is not the password, since an id is never encrypted.
_ID = "none"

# bcrypt reads no more than this many bytes of a password.
_BCRYPT_BYTES = 72
_BCRYPT_COST = 10


class RandomPassword(RandomType):
    """A secret string of random characters, with its bcrypt hash. Imported by the password itself."""

    token = "random:index/randomPassword:RandomPassword"
    source = read_from("resource_password.go", "0117aa60f8ebe02fd51910d8e6883123dadb3cb2")
    inputs = characters.fields()
    outputs = ("result", "bcryptHash", "number", "numeric")
    secret_outputs = frozenset({"result", "bcryptHash"})

    def validate(self, inputs: Properties) -> Failures:
        return characters.validate(inputs)

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        result = characters.draw(characters.recipe(inputs))
        return _ID, {**characters.settle(inputs), "result": result, "bcryptHash": _hash(result)}

    def parse(self, identity: str) -> tuple[str, Properties]:
        return _ID, {**imported(identity), "bcryptHash": _hash(identity)}


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:_BCRYPT_BYTES], bcrypt.gensalt(_BCRYPT_COST)).decode()
