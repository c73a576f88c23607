"""Arguments as they come from the engine, turned into the dataclasses that the components take."""

import dataclasses
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, cast, get_args, get_origin

import pulumi

from components.argument_types import hints
from components.checks import InvalidArgument
from components.component import camel
from components.package.schema import has_default, python_only
from components.package.shapes import shape


def arguments(kind: type[Any], given: Mapping[str, Any], path: str = "") -> Any:
    """An instance of the dataclass `kind` from names in camel case and values of the engine's types.

    Raises:
        InvalidArgument: a name that there is not, one that is missing, or what the dataclass refuses; the
            field is the path as the caller wrote it, such as `ports[1].number`.
    """
    left = python_only(kind)
    annotations = {name: hint for name, hint in hints(kind).items() if name not in left}
    names = {camel(name): name for name in annotations}
    for name, value in given.items():
        if name not in names:
            mend = f"there is no such argument, use one of {', '.join(names)}"
            raise InvalidArgument(f"{path}{name}", value, mend)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        outer = camel(field.name)
        if given.get(outer) is not None:
            values[field.name] = _value(annotations[field.name], given[outer], f"{path}{outer}")
        elif not has_default(field):
            if not shape(annotations[field.name]).optional:
                raise InvalidArgument(f"{path}{outer}", None, "it is required")
            values[field.name] = None
    try:
        return kind(**values)
    except InvalidArgument as problem:
        raise _renamed(problem, path) from None


def _renamed(problem: InvalidArgument, path: str) -> InvalidArgument:
    """The same problem, its field named by the path that the caller wrote."""
    name, bracket, rest = problem.field.partition("[")
    return problem.renamed(f"{path}{camel(name)}{bracket}{rest}")


def _value(annotation: Any, value: Any, path: str) -> Any:
    taken = shape(annotation)
    if isinstance(value, pulumi.Output | Awaitable):
        output = cast("pulumi.Output[Any]", value)
        return output.apply(_whole) if taken.kind is int and not taken.plain else output
    kind = taken.kind
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if origin is int:
        return _whole(value)
    if origin in (tuple, list, Sequence) and isinstance(value, list):
        items = [
            _value(inner[0], item, f"{path}[{place}]") for place, item in enumerate(cast("list[Any]", value))
        ]
        return items if origin is list else tuple(items)
    if origin in (dict, Mapping) and isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        return {key: _value(inner[1], item, f"{path}[{key[:40]}]") for key, item in entries.items()}
    if dataclasses.is_dataclass(origin) and isinstance(value, dict):
        return arguments(cast("type[Any]", origin), cast("dict[str, Any]", value), f"{path}.")
    return value


def _whole(value: Any) -> Any:
    """A whole number as an `int`: the engine knows one kind of number only."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
