"""IAM policy documents: reading, merging and writing them as the official provider does.

Source: hashicorp/terraform-provider-aws internal/service/iam/policy_model.go
@ 084fd7bc4c3ce01ca0fa51a7016dc0287a00de30.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from localcloud.resource import LocalError

Strings = str | list[str]

Principals = list[tuple[str, Strings]]
"""Pairs of a type and its identifiers; one identifier and a list of one are written differently."""


@dataclass
class Statement:
    """One statement; conditions: (test, variable, values)."""

    sid: str = ""
    effect: str = ""
    actions: Strings | None = None
    not_actions: Strings | None = None
    resources: Strings | None = None
    not_resources: Strings | None = None
    principals: Principals = field(default_factory=list)
    not_principals: Principals = field(default_factory=list)
    conditions: list[tuple[str, str, list[str]]] = field(default_factory=list)


@dataclass
class Document:
    """A policy document."""

    version: str = ""
    id: str = ""
    statements: list[Statement] = field(default_factory=list)


def merge(into: Document, new: Document) -> None:
    """Add the statements of `new`; one with a known Sid takes the place of the one that had it."""
    into.id = new.id or into.id
    into.version = max(into.version, new.version)
    for statement in new.statements:
        places = [
            index
            for index, existing in enumerate(into.statements)
            if statement.sid and existing.sid == statement.sid
        ]
        if places:
            into.statements[places[0]] = statement
        else:
            into.statements.append(statement)


def parse(text: str, path: str) -> Document:
    """Read a policy document; `path` says in errors where it was given."""
    data = json.loads(text) if text else {}
    if not isinstance(data, dict) or not isinstance(data.get("Statement", []), list):
        raise LocalError(f"{path}: must be a policy document with a list of statements under Statement")
    return Document(
        version=data.get("Version", ""),
        id=data.get("Id", ""),
        statements=[
            _parse_statement(each, f"{path}.Statement[{index}]")
            for index, each in enumerate(data.get("Statement", []))
        ],
    )


def render(document: Document, *, indent: bool) -> str:
    """Write a policy document as JSON, byte for byte as the official provider does."""
    data = {
        "Version": document.version,
        "Id": document.id,
        "Statement": [_render_statement(statement) for statement in document.statements],
    }
    present = {key: value for key, value in data.items() if value}
    layout: dict[str, Any] = {"indent": 2} if indent else {"separators": (",", ":")}
    text = json.dumps(present, ensure_ascii=False, **layout)
    # Go writes these characters of strings as escapes.
    for character in "&<>\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _parse_statement(data: Any, path: str) -> Statement:
    if not isinstance(data, dict):
        raise LocalError(f"{path}: must be an object")
    return Statement(
        sid=data.get("Sid", ""),
        effect=data.get("Effect", ""),
        actions=data.get("Action"),
        not_actions=data.get("NotAction"),
        resources=data.get("Resource"),
        not_resources=data.get("NotResource"),
        principals=_parse_principals(data.get("Principal"), f"{path}.Principal"),
        not_principals=_parse_principals(data.get("NotPrincipal"), f"{path}.NotPrincipal"),
        conditions=_parse_conditions(data.get("Condition"), f"{path}.Condition"),
    )


def _parse_principals(data: Any, path: str) -> Principals:
    if data is None:
        return []
    if isinstance(data, str):
        return [("*", ["*"])]
    if not isinstance(data, dict):
        raise LocalError(f"{path}: must be a string or an object")
    return [
        (kind, value if isinstance(value, str) else _strings(value, f"{path}.{kind}"))
        for kind, value in data.items()
    ]


def _parse_conditions(data: Any, path: str) -> list[tuple[str, str, list[str]]]:
    if data is None:
        return []
    if not isinstance(data, dict) or not all(isinstance(value, dict) for value in data.values()):
        raise LocalError(f"{path}: must be an object of objects")
    return [
        (test, variable, _strings(value, f"{path}.{test}.{variable}"))
        for test, variables in data.items()
        for variable, value in variables.items()
    ]


def _strings(value: Any, path: str) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return list(value)
    raise LocalError(f"{path}: must be a string or a list of strings")


def _render_statement(statement: Statement) -> dict[str, Any]:
    data = {
        "Sid": statement.sid or None,
        "Effect": statement.effect or None,
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
        "Principal": _render_principals(statement.principals) or None,
        "NotPrincipal": _render_principals(statement.not_principals) or None,
        "Condition": _render_conditions(statement.conditions) or None,
    }
    return {key: value for key, value in data.items() if value is not None}


def _render_principals(principals: Principals) -> str | dict[str, Strings]:
    if len(principals) == 1 and principals[0] in (("*", "*"), ("*", ["*"])):
        return "*"
    found: dict[str, Strings] = {}
    for kind, identifiers in principals:
        new = identifiers if isinstance(identifiers, str) else sorted(identifiers, reverse=True)
        known = found.get(kind)
        found[kind] = new if known is None else [*_listed(known), *_listed(new)]
    return {kind: found[kind] for kind in sorted(found)}


def _listed(texts: Strings) -> list[str]:
    return [texts] if isinstance(texts, str) else texts


def _render_conditions(conditions: list[tuple[str, str, list[str]]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, list[str]]] = {}
    for test, variable, values in conditions:
        found.setdefault(test, {}).setdefault(variable, []).extend(values)
    return {
        test: {variable: _single(found[test][variable]) for variable in sorted(found[test])}
        for test in sorted(found)
    }


def _single(values: list[str]) -> Strings:
    return values[0] if len(values) == 1 else values
