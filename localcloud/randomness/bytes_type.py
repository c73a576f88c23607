"""random:index/randomBytes:RandomBytes."""

from __future__ import annotations

import base64
import binascii
import secrets

from localcloud.fields import Integer
from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.resource import Properties

# The official plugin takes the bytes themselves as the id, which puts a secret into the state in clear;
# here the id is the constant of the provider beneath it.
_ID = "none"


class RandomBytes(RandomType):
    """Secret random bytes, such as a key. Imported by their base64 form."""

    token = "random:index/randomBytes:RandomBytes"
    source = read_from("resource_bytes.go", "0bebee06dd3594204ef05e2a6219b801f4eebf47")
    inputs = {"keepers": KEEPERS, "length": Integer(required=True, minimum=1, force_new=True)}
    outputs = ("base64", "hex")
    secret_outputs = frozenset(outputs)

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        return _ID, _forms(secrets.token_bytes(inputs["length"]))

    def parse(self, identity: str) -> tuple[str, Properties]:
        try:
            drawn = base64.b64decode(identity, validate=True)
        except binascii.Error:
            raise ValueError("the id must be the bytes in base64") from None
        return _ID, {**_forms(drawn), "length": len(drawn)}


def _forms(drawn: bytes) -> Properties:
    return {"base64": base64.b64encode(drawn).decode(), "hex": drawn.hex()}
