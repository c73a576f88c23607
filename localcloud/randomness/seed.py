"""Generators for values that may be asked to be repeatable."""

from __future__ import annotations

import random


def generator(seed: str | None) -> random.Random:
    """Return the system's source of randomness or, for a seed, a generator that repeats itself.

    The same seed gives the same value on every machine, but not the value that the official plugin draws:
    its generator is that of Go's math/rand.
    """
    return random.Random(seed) if seed else random.SystemRandom()  # noqa: S311 - asked for to be repeatable
