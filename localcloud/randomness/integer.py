"""random:index/randomInteger:RandomInteger."""

from __future__ import annotations

from localcloud.fields import Failures, Integer, Text
from localcloud.randomness.base import KEEPERS, RandomType, read_from
from localcloud.randomness.seed import generator
from localcloud.resource import Properties
from localcloud.values import has_unknown


class RandomInteger(RandomType):
    """A whole number from `min` to `max`, both included. Imported by ``RESULT,MIN,MAX[,SEED]``."""

    token = "random:index/randomInteger:RandomInteger"
    source = read_from("resource_integer.go", "c054b4769837f07ce6dcff3eeaea47f16f1000b6")
    inputs = {
        "keepers": KEEPERS,
        "max": Integer(required=True, force_new=True),
        "min": Integer(required=True, force_new=True),
        "seed": Text(force_new=True),
    }
    outputs = ("result",)

    def validate(self, inputs: Properties) -> Failures:
        if not has_unknown([inputs["min"], inputs["max"]]) and inputs["min"] > inputs["max"]:
            return [("min", f"must be at most max ({inputs['max']}), not {inputs['min']}")]
        return []

    def draw(self, inputs: Properties) -> tuple[str, Properties]:
        result = generator(inputs.get("seed")).randint(inputs["min"], inputs["max"])
        return str(result), {"result": result}

    def parse(self, identity: str) -> tuple[str, Properties]:
        parts = identity.split(",", 3)
        try:
            result, low, high = (int(part) for part in parts[:3])
        except ValueError:
            raise ValueError("the id must be result,min,max or result,min,max,seed") from None
        seed = {"seed": parts[3]} if len(parts) > 3 else {}
        return parts[0], {"result": result, "min": low, "max": high, **seed}
