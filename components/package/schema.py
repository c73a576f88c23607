"""The package's schema, made of the components' annotations, defaults and docstrings."""

import dataclasses
from typing import Any

from components.argument_types import hints
from components.component import camel
from components.package.catalogue import Entry, catalogue
from components.package.docstrings import attribute_texts, prose
from components.package.shapes import NotExpressible, choices, shape, type_spec

NAME = "understudy"
VERSION = "0.1.0"

Spec = dict[str, Any]


@dataclasses.dataclass
class _Types:
    """The nested types that were met on the way, by token."""

    specs: dict[str, Spec] = dataclasses.field(default_factory=dict[str, Spec])

    def reference(self, kind: type[Any]) -> str:
        token = type_token(kind)
        if token not in self.specs:
            # Before its fields: a type may hold itself.
            self.specs[token] = {}
            self.specs[token] = {
                "type": "object",
                "description": prose(kind.__doc__ or ""),
                **_arguments(kind, self, ("properties", "required")),
            }
        return f"#/types/{token}"


def schema() -> Spec:
    """The schema of the package: every component that another language can give its arguments to."""
    types = _Types()
    resources: dict[str, Spec] = {}
    for token, entry in catalogue().items():
        if not python_only(entry.arguments, required=True):
            resources[token] = _component(entry, types)
    return {
        "name": NAME,
        "version": VERSION,
        "displayName": "Understudy",
        "description": "Production environments of Go and Rust services, and faithful copies of them.",
        "license": "Apache-2.0",
        "keywords": ["kind/component", "category/infrastructure"],
        "language": {
            language: {"respectSchemaVersion": True}
            for language in ("nodejs", "python", "go", "csharp", "java")
        },
        "types": dict(sorted(types.specs.items())),
        "resources": resources,
    }


def type_token(kind: type[Any]) -> str:
    """The token of a nested type: `understudy:access:Grant`; `index` is for what is in no folder."""
    place = kind.__module__.split(".")[1:]
    return f"{NAME}:{place[0] if len(place) > 1 else 'index'}:{kind.__name__}"


def python_only(kind: type[Any], *, required: bool | None = None) -> dict[str, str]:
    """The arguments that other languages can't give, and why.

    Args:
        kind: a dataclass of arguments.
        required: only those without a default (True), or only those with one (False).
    """
    found: dict[str, str] = {}
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for name, annotation in hints(kind).items():
        try:
            type_spec(annotation, lambda _: "")
        except NotExpressible as reason:
            if required is None or required == (not has_default(fields[name])):
                found[name] = str(reason)
    return found


def has_default(field: dataclasses.Field[Any]) -> bool:
    """Whether an argument can be left out."""
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def default_of(field: dataclasses.Field[Any]) -> Any:
    """The default of an argument that has one."""
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _component(entry: Entry, types: _Types) -> Spec:
    texts = [prose(entry.component.__doc__ or ""), _remark(entry.arguments)]
    left = python_only(entry.arguments, required=False)
    if left:
        texts.append(f"From Python only: {', '.join(camel(name) for name in left)}.")
    outputs = _outputs(entry, types)
    return {
        "isComponent": True,
        "description": "\n\n".join(text for text in texts if text),
        **_arguments(entry.arguments, types, ("inputProperties", "requiredInputs")),
        "type": "object",
        "properties": outputs,
        "required": sorted(outputs),
    }


def _remark(arguments: type[Any]) -> str:
    """What the arguments' docstring says besides what they are: units, such as 'All times are in days.'"""
    _, _, rest = prose(arguments.__doc__ or "").partition(". ")
    return rest


def _arguments(kind: type[Any], types: _Types, keys: tuple[str, str]) -> Spec:
    annotations, texts = hints(kind), attribute_texts(kind)
    properties: dict[str, Spec] = {}
    required: list[str] = []
    left = python_only(kind)
    for field in dataclasses.fields(kind):
        if field.name in left:
            continue
        annotation = annotations[field.name]
        spec = type_spec(annotation, types.reference)
        text = texts.get(field.name) or _summary(shape(annotation).kind)
        spec["description"] = _with_choices(text, choices(annotation))
        if has_default(field):
            default = default_of(field)
            if isinstance(default, str | int | float):
                spec["default"] = default
        elif not shape(annotation).optional:
            required.append(camel(field.name))
        properties[camel(field.name)] = spec
    return {keys[0]: properties, keys[1]: sorted(required)}


def _outputs(entry: Entry, types: _Types) -> dict[str, Spec]:
    annotations = hints_of_outputs(entry)
    texts = attribute_texts(entry.component)
    return {
        camel(name): {**type_spec(annotation, types.reference), "description": texts.get(name, "")}
        for name, annotation in annotations.items()
    }


def hints_of_outputs(entry: Entry) -> dict[str, Any]:
    """The types of a component's outputs, by name."""
    annotations = entry.component.__annotations__
    return {name: annotations[name] for name in entry.component.output_names()}


def _summary(kind: Any) -> str:
    """The first paragraph of a nested type's own text."""
    return prose(kind.__doc__ or "").split("\n\n")[0] if dataclasses.is_dataclass(kind) else ""


def _with_choices(text: str, values: tuple[Any, ...]) -> str:
    missing = [value for value in values if f"`{value}`" not in text]
    return f"{text} One of {', '.join(f'`{value}`' for value in values)}." if missing else text
