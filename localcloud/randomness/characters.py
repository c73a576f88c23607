"""Strings of random characters, with least numbers of each class."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass

from localcloud.fields import Failures, Field, Flag, Integer, Text
from localcloud.randomness.base import KEEPERS
from localcloud.resource import Properties
from localcloud.values import has_unknown

# The special characters that are used unless `overrideSpecial` names others
# (hashicorp/terraform-provider-random internal/random/string.go @ 04572027ebba).
SPECIAL = "!@#$%&*()-_=+[]{}<>:?"

_CLASSES = ("lower", "numeric", "special", "upper")


@dataclass(frozen=True)
class Recipe:
    """How long a string is, which characters it is made of, and how many of each class at least."""

    length: int
    classes: Mapping[str, tuple[str, int]]


def fields() -> dict[str, Field]:
    """Return the inputs that a string and a password share."""
    declared: dict[str, Field] = {
        "keepers": KEEPERS,
        "length": Integer(required=True, minimum=1, force_new=True),
        "number": Flag(computed=True, force_new=True),
        "numeric": Flag(computed=True, force_new=True),
        "overrideSpecial": Text(force_new=True),
    }
    for name in ("lower", "special", "upper"):
        declared[name] = Flag(default=True, force_new=True)
    for name in _CLASSES:
        declared[f"min{name.capitalize()}"] = Integer(default=0, force_new=True)
    return declared


def settle(inputs: Properties) -> Properties:
    """Return inputs in which `numeric` and `number`, its old name, agree; true when neither is given."""
    numeric = next((inputs[name] for name in ("numeric", "number") if inputs.get(name) is not None), True)
    return {**inputs, "numeric": numeric, "number": numeric}


def validate(inputs: Properties) -> Failures:
    """Return what is wrong with the inputs as a whole."""
    failures: Failures = []
    if not has_unknown(inputs):
        if (
            None not in (inputs.get("number"), inputs.get("numeric"))
            and inputs["number"] != inputs["numeric"]
        ):
            failures.append(("number", "must equal numeric, which is its new name; give numeric alone"))
        settled = settle(inputs)
        least = sum(settled.get(f"min{name.capitalize()}", 0) for name in _CLASSES)
        if settled["length"] < least:
            failures.append(
                ("length", f"must be at least {least}, the sum of minLower, minNumeric, minSpecial, minUpper")
            )
        if not any(settled.get(name) for name in _CLASSES):
            failures.append(("special", "at least one of lower, numeric, special, upper must be true"))
    return failures


def recipe(inputs: Properties) -> Recipe:
    """Return the recipe that checked inputs describe."""
    settled = settle(inputs)
    alphabets = {
        "lower": string.ascii_lowercase,
        "numeric": string.digits,
        "special": settled.get("overrideSpecial") or SPECIAL,
        "upper": string.ascii_uppercase,
    }
    return Recipe(
        settled["length"],
        {
            name: (alphabets[name] if settled[name] else "", settled.get(f"min{name.capitalize()}", 0))
            for name in _CLASSES
        },
    )


def draw(wanted: Recipe) -> str:
    """Return a string after the recipe, from the system's source of randomness."""
    everything = "".join(alphabet for alphabet, _least in wanted.classes.values())
    drawn = [
        secrets.choice(alphabet or everything)
        for alphabet, least in wanted.classes.values()
        for _ in range(least)
    ]
    drawn += [secrets.choice(everything) for _ in range(wanted.length - len(drawn))]
    secrets.SystemRandom().shuffle(drawn)
    return "".join(drawn)
