"""Values that are made up once and kept in the encrypted state."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_random as random

from components.argument_types import check_types
from components.checks import check, check_match, check_range

_SHORTEST, _LONGEST = 20, 128


@dataclass(frozen=True, kw_only=True)
class Generated:
    """A value of letters and digits, which no client has to quote.

    Example:
        >>> Generated(length=40, keepers={"year": "2026"})

    Raises:
        InvalidArgument: a length that is too short to be safe or too long for AWS, a keeper that is no text.
    """

    length: int = 40
    """Characters, 20 to 128."""
    keepers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Arbitrary texts; a change of any of them makes a new value."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("length", self.length, _SHORTEST, _LONGEST, "characters")
        check(isinstance(self.keepers, Mapping), "keepers", self.keepers, "use a map of texts")  # pyright: ignore[reportUnnecessaryIsInstance]
        for key, value in self.keepers.items():
            check_match("keepers", key, r"[A-Za-z0-9_.-]+", "name each keeper by letters and digits")
            check(isinstance(value, str), "keepers", value, "use a text for each keeper")  # pyright: ignore[reportUnnecessaryIsInstance]

    def value(self, name: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
        """The value, as a resource called `name`: always a secret, the same until a keeper changes."""
        keepers = dict(self.keepers) or None
        made = random.RandomPassword(name, length=self.length, special=False, keepers=keepers, opts=opts)
        return made.result
