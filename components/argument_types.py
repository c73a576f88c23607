"""Checks that arguments have the types that their dataclass says.

Python checks no types, and a program in another language brings whatever it was given. Each dataclass of
arguments calls `check_types(self)` first in its `__post_init__`, so what comes after can rely on the types.
"""

import dataclasses
import math
import types
from collections.abc import Awaitable, Mapping, Sequence
from functools import cache
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin, get_type_hints

import pulumi

from components.checks import InvalidArgument

_OUTPUT = (pulumi.Output, ForwardRef("Output[T]"))
_WORDS: dict[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "True or False",
    type(None): "None",
    tuple: "a tuple",
    list: "a list",
    Sequence: "a tuple or a list",
    dict: "a dict",
    Mapping: "a dict",
}


def check_types(arguments: Any, *, secret: Sequence[str] = ()) -> None:
    """Refuse a value that is not of its field's type, with the path to it: `ports[2] is …`.

    Text must be what UTF-8 can hold. A `bool` is no number, and text is no sequence.

    Args:
        arguments: an instance of a dataclass.
        secret: fields whose values no error may show.

    Raises:
        InvalidArgument: a value of another type.
    """
    of: type[Any] = type(arguments)  # pyright: ignore[reportUnknownVariableType]
    for name, kind in hints(of).items():
        _check(name, getattr(arguments, name), kind, secret=name in secret)


@cache
def hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields, by name."""
    # pulumi.Input mentions "Output[T]" by name, which is unknown where it is used.
    found = get_type_hints(kind, localns={"Output": pulumi.Output, "T": Any})
    return {field.name: found[field.name] for field in dataclasses.fields(kind)}


def is_union(kind: Any) -> bool:
    """Whether a type is a union, written either way."""
    return get_origin(kind) in (Union, types.UnionType)


def is_promise(kind: Any) -> bool:
    """Whether a member of a union is what makes it a `pulumi.Input`: an output, or something awaited."""
    return kind in _OUTPUT or get_origin(kind) in (pulumi.Output, Awaitable)


def _check(path: str, value: Any, kind: Any, *, secret: bool) -> None:
    origin = get_origin(kind) or kind
    if kind is Any:
        return
    if is_union(kind):
        _check_union(path, value, get_args(kind), secret=secret)
    elif isinstance(value, pulumi.Output | Awaitable):
        known: Any = value  # pyright: ignore[reportUnknownVariableType]
        raise InvalidArgument(path, known, "use a plain value, known before the update")
    elif origin is Literal:
        choices = get_args(kind)
        if not any(type(value) is type(choice) and value == choice for choice in choices):
            raise InvalidArgument(path, value, f"use one of {', '.join(map(str, choices))}", secret=secret)
    elif origin is str:
        _check_text(path, value, secret=secret)
    elif origin in (int, float):
        _check_number(path, value, origin, secret=secret)
    elif origin in (tuple, list, Sequence):
        _check_items(path, value, origin, get_args(kind), secret=secret)
    elif origin in (dict, Mapping):
        _check_entries(path, value, origin, get_args(kind), secret=secret)
    elif not isinstance(value, origin):
        raise _wrong(path, value, kind, secret=secret)


def _check_union(path: str, value: Any, members: tuple[Any, ...], *, secret: bool) -> None:
    if any(is_promise(member) for member in members) and isinstance(value, pulumi.Output | Awaitable):
        return
    if value is None and type(None) in members:
        return
    plain = [member for member in members if member is not type(None) and not is_promise(member)]
    if len(plain) == 1:
        _check(path, value, plain[0], secret=secret)
        return
    for member in plain:
        try:
            _check(path, value, member, secret=secret)
        except InvalidArgument:
            continue
        return
    wanted = " or ".join(_describe(member) for member in plain)
    raise InvalidArgument(path, value, f"use {wanted}", secret=secret)


def _check_text(path: str, value: Any, *, secret: bool) -> None:
    if not isinstance(value, str):
        raise _wrong(path, value, str, secret=secret)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(
            path, value, "use text that UTF-8 can hold, without lone surrogates", secret=secret
        ) from None


def _check_number(path: str, value: Any, kind: Any, *, secret: bool) -> None:
    allowed = int if kind is int else int | float
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise _wrong(path, value, kind, secret=secret)
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidArgument(path, value, "use a finite number", secret=secret)


def _check_items(path: str, value: Any, origin: Any, kinds: tuple[Any, ...], *, secret: bool) -> None:
    if not isinstance(value, (tuple, list) if origin is Sequence else origin):
        raise _wrong(path, value, origin, secret=secret)
    items: Sequence[Any] = value  # pyright: ignore[reportUnknownVariableType]
    if origin is tuple and kinds and kinds[-1] is not Ellipsis:
        if len(items) != len(kinds):
            raise InvalidArgument(path, value, f"use {len(kinds)} items", secret=secret)  # pyright: ignore[reportUnknownArgumentType]
    else:
        kinds = (kinds[0] if kinds else Any,) * len(items)
    for place, (item, kind) in enumerate(zip(items, kinds, strict=True)):
        _check(f"{path}[{place}]", item, kind, secret=secret)


def _check_entries(path: str, value: Any, origin: Any, kinds: tuple[Any, ...], *, secret: bool) -> None:
    if not isinstance(value, origin):
        raise _wrong(path, value, origin, secret=secret)
    entries: Mapping[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
    if not kinds:
        return
    for key, item in entries.items():
        _check(path, key, kinds[0], secret=False)
        _check(f"{path}[{key if len(str(key)) < 40 else '…'}]", item, kinds[1], secret=secret)


def _describe(kind: Any) -> str:
    origin = get_origin(kind) or kind
    if origin is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    return _WORDS.get(origin) or f"a {getattr(origin, '__name__', origin)}"


def _wrong(path: str, value: Any, kind: Any, *, secret: bool) -> InvalidArgument:
    return InvalidArgument(path, value, f"use {_describe(kind)}", secret=secret)
