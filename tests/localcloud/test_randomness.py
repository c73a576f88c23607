"""Random values keep the rules of their inputs, whatever those are."""

from __future__ import annotations

import string

import bcrypt
from hypothesis import given, settings
from hypothesis import strategies as st

from localcloud.randomness import characters
from localcloud.randomness.id_type import RandomId
from localcloud.randomness.integer import RandomInteger
from localcloud.randomness.password import RandomPassword
from localcloud.randomness.pet import RandomPet
from localcloud.randomness.shuffle import RandomShuffle
from localcloud.randomness.uuids import RandomUuid7

CLASSES = {
    "Lower": string.ascii_lowercase,
    "Numeric": string.digits,
    "Special": characters.SPECIAL,
    "Upper": string.ascii_uppercase,
}


@given(
    flags=st.fixed_dictionaries({name.lower(): st.booleans() for name in CLASSES}),
    least=st.fixed_dictionaries({f"min{name}": st.integers(0, 6) for name in CLASSES}),
    length=st.integers(1, 64),
)
def test_strings_have_the_characters_asked_for(
    flags: dict[str, bool], least: dict[str, int], length: int
) -> None:
    inputs = {**flags, **least, "length": length}
    if characters.validate(inputs):
        assert length < sum(least.values()) or not any(flags.values())
        return
    result = characters.draw(characters.recipe(inputs))
    assert len(result) == length
    for name, alphabet in CLASSES.items():
        found = sum(letter in alphabet for letter in result)
        if flags[name.lower()]:
            assert found >= least[f"min{name}"]
        else:
            assert found == 0


@settings(max_examples=5)
@given(length=st.integers(1, 100))
def test_hash_is_of_the_password(length: int) -> None:
    _, state = RandomPassword().draw(
        {"length": length, "lower": True, "special": True, "upper": True, "numeric": True}
    )
    assert bcrypt.checkpw(state["result"].encode()[:72], state["bcryptHash"].encode())


@given(data=st.integers(1, 64), prefix=st.text("abc-", max_size=5))
def test_id_imports_what_was_drawn(data: int, prefix: str) -> None:
    drawn, forms = RandomId().draw({"byteLength": data, "prefix": prefix})
    found, state = RandomId().parse(f"{prefix},{drawn}" if prefix else drawn)
    assert found == drawn
    assert {name: state[name] for name in forms} == forms
    assert state["byteLength"] == data


@given(bounds=st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9)), seed=st.text())
def test_integer_stays_within_its_bounds(bounds: tuple[int, int], seed: str) -> None:
    low, high = sorted(bounds)
    inputs = {"min": low, "max": high, "seed": seed}
    result = RandomInteger().draw(inputs)[1]["result"]
    assert low <= result <= high
    if seed:
        assert RandomInteger().draw(inputs)[1]["result"] == result


@given(items=st.lists(st.text(max_size=3), max_size=8), count=st.integers(0, 20))
def test_shuffle_uses_items_evenly(items: list[str], count: int) -> None:
    results = RandomShuffle().draw({"inputs": items, "resultCount": count})[1]["results"]
    assert len(results) == (count if items else 0)
    assert set(results) <= set(items)
    if count == len(items):
        assert sorted(results) == sorted(items)


@given(length=st.integers(-1, 6))
def test_pet_has_the_words_asked_for(length: int) -> None:
    name, _ = RandomPet().draw({"length": length, "separator": "/"})
    assert len([word for word in name.split("/") if word]) == max(0, length)


def test_uuid7_sorts_by_time_and_has_its_version() -> None:
    kind = RandomUuid7()
    drawn = [kind.new() for _ in range(50)]
    assert {each.version for each in drawn} == {7}
    assert [each.int >> 80 for each in drawn] == sorted(each.int >> 80 for each in drawn)
