"""What the official SDKs say of a resource type: its inputs, which are required, and its outputs.

Used by the generated reference and by the tests that hold the declarations of local types true; a plugin
never imports it, since the SDKs take a second to load.
"""

from __future__ import annotations

import importlib
import inspect
import keyword
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from pulumi import _types


@dataclass(frozen=True)
class Official:
    """A resource type or an object of an input. `nested`: the objects that inputs are made of."""

    inputs: frozenset[str]
    required: frozenset[str]
    outputs: frozenset[str] = frozenset()
    nested: Mapping[str, Official] = field(default_factory=dict)


def official(token: str) -> Official:
    """Return what the installed SDK says of `token`, such as ``aws:ec2/vpc:Vpc``.

    Raises LookupError when the SDK has no such type.
    """
    package, place, name = token.split(":")
    module_name, _, file = place.partition("/")
    if keyword.iskeyword(module_name):
        module_name += "_"
    root = f"pulumi_{package}" + ("" if module_name == "index" else f".{module_name}")
    try:
        module = importlib.import_module(f"{root}.{_snake(file)}")
        # The SDK calls the arguments so when an object of another type bears their name.
        arguments = getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")
        state = getattr(module, f"_{name}State")
    except (ImportError, AttributeError) as error:
        raise LookupError(f"{token}: the installed pulumi_{package} has no such type") from error
    found = _describe(arguments, ())
    outputs = frozenset(_types.input_type_py_to_pulumi_names(state).values())
    return Official(found.inputs, found.required, outputs, found.nested)


def _describe(arguments: type, above: tuple[type, ...]) -> Official:
    names = _types.input_type_py_to_pulumi_names(arguments)
    parameters = inspect.signature(arguments.__init__).parameters
    required = {
        official_name
        for python_name, official_name in names.items()
        if python_name in parameters and parameters[python_name].default is inspect.Parameter.empty
    }
    nested: dict[str, Official] = {}
    for official_name, kind in _types.input_type_types(arguments).items():
        for inner in _classes(kind):
            if _types.is_input_type(inner) and inner not in above:
                nested[official_name] = _describe(inner, (*above, arguments))
    return Official(frozenset(names.values()), frozenset(required), nested=nested)


def _classes(kind: Any) -> Iterator[type]:
    """Yield the classes that a type hint is made of."""
    if get_origin(kind) is not None or isinstance(kind, types.UnionType):
        for part in get_args(kind):
            yield from _classes(part)
    elif inspect.isclass(kind):
        yield kind


def _snake(name: str) -> str:
    """Return an SDK's file name for a type's: ``natGateway`` is in ``nat_gateway.py``."""
    words = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.lstrip("_")
