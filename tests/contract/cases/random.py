"""Cases of the random types."""

from __future__ import annotations

from lifecycle import Case, Inputs, World


def _keepers(_world: World, inputs: Inputs) -> Inputs:
    return {**inputs, "keepers": {"generation": "2"}}


def _case(
    name: str, inputs: Inputs, *, secrets: tuple[str, ...] = (), bad: list[tuple[Inputs, str]] | None = None
) -> Case:
    kind = f"random{name}"
    return Case(
        token=f"random:index/{kind}:Random{name}",
        create=lambda _world: {**inputs, "keepers": {"generation": "1"}},
        replace=_keepers,
        secrets=secrets,
        bad=bad or [],
        remote=False,
    )


_CHARACTERS: list[tuple[Inputs, str]] = [
    ({"length": 0}, "length"),
    ({"minLower": 20, "minUpper": 20}, "length"),
    ({"lower": False, "upper": False, "numeric": False, "special": False}, "special"),
    ({"number": True, "numeric": False}, "number"),
    ({"keepers": ["a"]}, "keepers"),
]

CASES = [
    _case("Bytes", {"length": 32}, secrets=("base64", "hex"), bad=[({"length": 0}, "length")]),
    _case("Id", {"byteLength": 8, "prefix": "p-"}, bad=[({"byteLength": 0}, "byteLength")]),
    _case("Integer", {"min": 1, "max": 9, "seed": "s"}, bad=[({"min": 10}, "min"), ({"max": 1.5}, "max")]),
    _case("Password", {"length": 24, "minUpper": 2}, secrets=("result", "bcryptHash"), bad=_CHARACTERS),
    _case("Pet", {"length": 3, "separator": "_"}, bad=[({"length": "two"}, "length")]),
    _case("Shuffle", {"inputs": ["a", "b", "c"], "resultCount": 5}, bad=[({"inputs": "a"}, "inputs")]),
    _case("String", {"length": 12, "special": False}, bad=_CHARACTERS),
    _case("Uuid", {}),
    _case("Uuid4", {}),
    _case("Uuid7", {}),
]
