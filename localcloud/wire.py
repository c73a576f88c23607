"""Property values on the wire: protobuf Structs, with the engine's signatures for the special ones.

Source of the signatures: pulumi/pulumi, sdk/go/common/resource/properties.go and
sdk/go/common/resource/plugin/rpc.go.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2

from localcloud.values import UNKNOWN, Archive, Asset, Secret, Unknown

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a public marker of the protocol
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"

# One sentinel per kind of unknown value (bool, number, string, array, asset, archive, object).
UNKNOWN_SENTINELS = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class UnsupportedValue(ValueError):
    """A value that no local type can take, such as an asset that lies in the network."""


def decode(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Turn a Struct into Python data; secrets and outputs are unwrapped, unknowns become `UNKNOWN`."""
    return {key: _decode(value) for key, value in struct.fields.items() if _present(value)}


def encode(properties: dict[str, Any]) -> struct_pb2.Struct:
    """Turn Python data into a Struct; ``None`` entries of a dict are left out."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        if value is not None:
            _encode(value, struct.fields[key])
    return struct


def _present(value: struct_pb2.Value) -> bool:
    return value.WhichOneof("kind") not in (None, "null_value")


def _decode(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_SENTINELS else value.string_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode(item) for item in value.list_value.values]
    if kind == "struct_value":
        return _decode_object(value.struct_value)
    return None


def _decode_object(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[SIGNATURE_KEY].string_value if SIGNATURE_KEY in struct.fields else ""
    if not signature:
        return {key: _decode(value) for key, value in struct.fields.items() if _present(value)}
    if signature == SECRET_SIGNATURE:
        return _decode(struct.fields["value"])
    if signature == OUTPUT_SIGNATURE:
        return _decode(struct.fields["value"]) if "value" in struct.fields else UNKNOWN
    if signature == RESOURCE_SIGNATURE:
        identity = struct.fields.get("id")
        return _decode(identity) if identity is not None else struct.fields["urn"].string_value
    if signature in (ASSET_SIGNATURE, ARCHIVE_SIGNATURE):
        return _decode_asset(struct, archive=signature == ARCHIVE_SIGNATURE)
    raise UnsupportedValue(f"a value with the unknown signature {signature}")


def _decode_asset(struct: struct_pb2.Struct, *, archive: bool) -> Asset | Archive:
    given = {
        key: _decode(value)
        for key, value in struct.fields.items()
        if key != SIGNATURE_KEY and _present(value)
    }
    if given.get("uri"):
        raise UnsupportedValue(
            f"an asset at {given['uri']}: the local plugins take files of this machine only"
        )
    path, digest = given.get("path") or None, given.get("hash") or ""
    if not archive:
        return Asset(given.get("text") if path is None else None, path, digest)
    assets = given.get("assets")
    return Archive(path, None if assets is None else tuple(sorted(assets.items())), digest)


def _encode_asset(value: Asset | Archive, into: struct_pb2.Value) -> None:
    parts: dict[str, Any] = {"hash": value.digest, "path": value.path}
    if isinstance(value, Archive):
        parts |= {
            SIGNATURE_KEY: ARCHIVE_SIGNATURE,
            "assets": None if value.assets is None else dict(value.assets),
        }
    else:
        parts |= {SIGNATURE_KEY: ASSET_SIGNATURE, "text": value.text}
    _encode(parts, into)


def _encode_secret(value: Secret, into: struct_pb2.Value) -> None:
    fields = into.struct_value.fields
    fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
    _encode(value.value, fields["value"])


def _encode_object(value: dict[str, Any], into: struct_pb2.Value) -> None:
    into.struct_value.SetInParent()
    for key, item in value.items():
        if item is not None:
            _encode(item, into.struct_value.fields[key])


def _encode(value: Any, into: struct_pb2.Value) -> None:
    match value:
        case Secret():
            _encode_secret(value, into)
        case Asset() | Archive():
            _encode_asset(value, into)
        case Unknown():
            into.string_value = UNKNOWN_STRING
        case None:
            into.null_value = struct_pb2.NULL_VALUE
        case bool():
            into.bool_value = value
        case int() | float():
            into.number_value = float(value)
        case str():
            into.string_value = value
        case dict():
            _encode_object(value, into)
        case list() | tuple() | set() | frozenset():
            into.list_value.SetInParent()
            for item in sorted(value) if isinstance(value, set | frozenset) else value:
                _encode(item, into.list_value.values.add())
        case _:
            raise UnsupportedValue(f"a {type(value).__name__} can't be a property value")
