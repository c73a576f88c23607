"""random:index/randomId:RandomId."""

from __future__ import annotations

import base64
import binascii
import secrets

from localcloud.fields import Integer, Text
from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.resource import Properties


class RandomId(RandomType):
    """Random bytes as an identifier in several forms, after `prefix`. Imported by ``[PREFIX,]B64URL``."""

    token = "random:index/randomId:RandomId"
    source = read_from("resource_id.go", "2ed443ca906e9909a88806c285af4b8dec43b725")
    inputs = {
        "byteLength": Integer(required=True, minimum=1, force_new=True),
        "keepers": KEEPERS,
        "prefix": Text(force_new=True),
    }
    outputs = ("b64Std", "b64Url", "dec", "hex")

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        return _forms(secrets.token_bytes(inputs["byteLength"]), inputs.get("prefix", ""))

    def parse(self, identity: str) -> tuple[str, Properties]:
        prefix, _comma, encoded = identity.rpartition(",")
        try:
            drawn = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except binascii.Error:
            raise ValueError(
                "the id must be [prefix,] and the bytes in URL-safe base64 without padding"
            ) from None
        found, forms = _forms(drawn, prefix)
        return found, {**forms, "byteLength": len(drawn), **({"prefix": prefix} if prefix else {})}


def _forms(drawn: bytes, prefix: str) -> tuple[str, Properties]:
    url = base64.urlsafe_b64encode(drawn).decode().rstrip("=")
    return url, {
        "b64Std": prefix + base64.b64encode(drawn).decode(),
        "b64Url": prefix + url,
        "dec": prefix + str(int.from_bytes(drawn, "big")),
        "hex": prefix + drawn.hex(),
    }
