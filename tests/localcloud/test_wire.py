"""Values survive the way to the engine and back."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from localcloud import wire
from localcloud.values import UNKNOWN, Archive, Asset, Secret, has_unknown, reveal

plain = st.recursive(
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), plain, max_size=5))
def test_what_is_encoded_decodes_to_the_same(properties: dict[str, Any]) -> None:
    assert wire.decode(wire.encode(properties)) == properties


@given(st.dictionaries(st.text(min_size=1, max_size=8), plain, min_size=1, max_size=3))
def test_secrets_are_marked_and_unwrapped(properties: dict[str, Any]) -> None:
    struct = wire.encode({name: Secret(value) for name, value in properties.items()})
    for value in struct.fields.values():
        assert value.struct_value.fields[wire.SIGNATURE_KEY].string_value == wire.SECRET_SIGNATURE
    assert wire.decode(struct) == properties


@pytest.mark.parametrize("sentinel", sorted(wire.UNKNOWN_SENTINELS))
def test_every_unknown_is_known_as_such(sentinel: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": [{"b": sentinel}]})
    decoded = wire.decode(struct)
    assert decoded["a"][0]["b"] is UNKNOWN
    assert has_unknown(decoded)


def test_output_values_are_unwrapped() -> None:
    struct = struct_pb2.Struct()
    struct.update(
        {
            "known": {wire.SIGNATURE_KEY: wire.OUTPUT_SIGNATURE, "value": "v", "secret": True},
            "unknown": {wire.SIGNATURE_KEY: wire.OUTPUT_SIGNATURE},
        }
    )
    assert wire.decode(struct) == {"known": "v", "unknown": UNKNOWN}


assets = st.recursive(
    st.builds(Asset, text=st.text(), digest=st.sampled_from(["", "5f"]))
    | st.builds(Asset, path=st.text(min_size=1)),
    lambda inner: (
        st.dictionaries(st.text(min_size=1), inner).map(
            lambda named: Archive(assets=tuple(sorted(named.items())))
        )
        | st.builds(Archive, path=st.text(min_size=1), digest=st.sampled_from(["", "a0"]))
    ),
    max_leaves=6,
)


@given(assets)
def test_assets_and_archives_survive(value: Asset | Archive) -> None:
    assert wire.decode(wire.encode({"code": value})) == {"code": value}


@pytest.mark.parametrize("signature", [wire.ASSET_SIGNATURE, wire.ARCHIVE_SIGNATURE])
def test_assets_of_the_network_are_refused(signature: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"code": {wire.SIGNATURE_KEY: signature, "uri": "https://example.com/x.zip"}})
    with pytest.raises(wire.UnsupportedValue, match="of this machine only"):
        wire.decode(struct)


def test_null_is_left_out() -> None:
    assert wire.decode(wire.encode({"a": None, "b": {"c": None, "d": 1}})) == {"b": {"d": 1}}


def test_an_unknown_has_no_truth() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_a_secret_never_shows_itself() -> None:
    assert "hunter2" not in repr({"password": Secret("hunter2")})
    assert reveal({"a": [Secret({"b": Secret(1)})]}) == {"a": [{"b": 1}]}
