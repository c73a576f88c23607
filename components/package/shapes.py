"""Python types as other languages can have them."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args, get_origin

import pulumi

from components.argument_types import is_promise, is_union

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}


class NotExpressible(TypeError):
    """A type that has no counterpart in a package's schema, such as another component."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A type, taken apart."""

    kind: Any
    """What is left once promise and `None` are taken off: a class, a `Literal`, `Any`, or a generic."""
    plain: bool
    """Whether the value has to be known before the update."""
    optional: bool
    """Whether `None` will do."""


def shape(annotation: Any) -> Shape:
    """Take `pulumi.Input`, `pulumi.Output` and `None` off a type.

    Raises:
        NotExpressible: it is a choice of several other types.
    """
    if is_promise(annotation):
        return Shape(kind=get_args(annotation)[0], plain=False, optional=False)
    if not is_union(annotation):
        return Shape(kind=annotation, plain=True, optional=False)
    members = get_args(annotation)
    left = [one for one in members if one is not type(None) and not is_promise(one)]
    if len(left) != 1:
        raise NotExpressible(f"{annotation} is one of several types")
    promised = any(is_promise(one) for one in members)
    return Shape(kind=left[0], plain=not promised, optional=type(None) in members)


def type_spec(annotation: Any, reference: Callable[[type[Any]], str]) -> dict[str, Any]:
    """A type as a package's schema writes it.

    Args:
        annotation: the type.
        reference: makes a dataclass known to the schema, and says what refers to it.

    Raises:
        NotExpressible: the schema has nothing like it.
    """
    taken = shape(annotation)
    spec = _spec(taken.kind, reference)
    return {**spec, "plain": True} if taken.plain else spec


def choices(annotation: Any) -> tuple[Any, ...]:
    """The values of a `Literal`; none for any other type."""
    kind = shape(annotation).kind
    return get_args(kind) if get_origin(kind) is Literal else ()


def _spec(kind: Any, reference: Callable[[type[Any]], str]) -> dict[str, Any]:
    origin: Any = get_origin(kind) or kind
    inner: tuple[Any, ...] = get_args(kind)
    spec: dict[str, Any] | None = None
    if kind is Any:
        spec = {"$ref": "pulumi.json#/Any"}
    elif origin in _SIMPLE:
        spec = {"type": _SIMPLE[origin]}
    elif origin is Literal and all(isinstance(one, str) for one in inner):
        spec = {"type": "string"}
    elif origin in (list, Sequence) or (origin is tuple and inner[1:] == (Ellipsis,)):
        spec = {"type": "array", "items": type_spec(inner[0], reference)}
    elif origin in (dict, Mapping) and inner and inner[0] is str:
        spec = {"type": "object", "additionalProperties": type_spec(inner[1], reference)}
    elif origin is pulumi.Archive:
        spec = {"$ref": "pulumi.json#/Archive"}
    elif dataclasses.is_dataclass(origin):
        spec = {"$ref": reference(cast(Any, origin))}
    if spec is None:
        raise NotExpressible(f"{getattr(cast(Any, origin), '__name__', 'it')} is of Python only")
    return spec
