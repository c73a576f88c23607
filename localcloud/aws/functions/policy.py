"""aws:iam/getPolicyDocument:getPolicyDocument."""

from __future__ import annotations

import zlib

from localcloud.aws.base import AwsFunction, read_from
from localcloud.aws.functions.policy_model import Document, Principals, Statement, merge, parse, render
from localcloud.fields import Block, JsonText, ListOf, SetOf, Text
from localcloud.resource import LocalError, Properties

_STRINGS = SetOf(element=Text())
_PRINCIPALS = SetOf(
    element=Block(
        fields={"identifiers": SetOf(element=Text(), required=True), "type": Text(required=True)},
    )
)
_CONDITION = Block(
    fields={
        "test": Text(required=True),
        "values": ListOf(element=Text(), required=True),
        "variable": Text(required=True),
    }
)
_STATEMENT = Block(
    fields={
        "actions": _STRINGS,
        "conditions": SetOf(element=_CONDITION),
        "effect": Text(default="Allow", choices=("Allow", "Deny")),
        "notActions": _STRINGS,
        "notPrincipals": _PRINCIPALS,
        "notResources": _STRINGS,
        "principals": _PRINCIPALS,
        "resources": _STRINGS,
        "sid": Text(pattern=r"[a-zA-Z0-9]*"),
    }
)

_OLD_VERSION = "2008-10-17"


class GetPolicyDocument(AwsFunction):
    """Puts an IAM policy document together from statements and other documents; asks no service."""

    token = "aws:iam/getPolicyDocument:getPolicyDocument"
    source = read_from("iam/policy_document_data_source.go", "04e9356d7f061e7be1890e030f420c81a783d651")
    inputs = {
        "overrideJson": Text(max_length=0),
        "overridePolicyDocuments": ListOf(element=JsonText()),
        "policyId": Text(),
        "sourceJson": Text(max_length=0),
        "sourcePolicyDocuments": ListOf(element=JsonText()),
        "statements": ListOf(element=_STATEMENT),
        "version": Text(default="2012-10-17", choices=(_OLD_VERSION, "2012-10-17")),
    }

    def call(self, arguments: Properties) -> Properties:
        merged = Document()
        seen: set[str] = set()
        for index, text in enumerate(arguments.get("sourcePolicyDocuments") or []):
            source = parse(text, f"sourcePolicyDocuments[{index}]")
            _require_new(source, seen, f"sourcePolicyDocuments[{index}]")
            merge(merged, source)
        own = Document(version=arguments["version"], id=arguments.get("policyId") or "")
        for index, block in enumerate(arguments.get("statements") or []):
            own.statements.append(_statement(block, own.version, f"statements[{index}]"))
        _require_new(own, set(), "statements")
        merge(merged, own)
        for index, text in enumerate(arguments.get("overridePolicyDocuments") or []):
            merge(merged, parse(text, f"overridePolicyDocuments[{index}]"))
        pretty = render(merged, indent=True)
        return {
            **arguments,
            "id": str(zlib.crc32(pretty.encode())),
            "json": pretty,
            "minifiedJson": render(merged, indent=False),
        }


def _statement(block: Properties, version: str, path: str) -> Statement:
    def strings(name: str) -> list[str]:
        return sorted(set(block.get(name) or []), reverse=True)

    def texts(name: str) -> list[str]:
        return [_variables(text, version, f"{path}.{name}") for text in strings(name)]

    def principals(name: str) -> Principals:
        found: Principals = []
        for each in block.get(name) or []:
            texts = sorted(set(each["identifiers"]), reverse=True)
            replaced = [_variables(text, version, f"{path}.{name}") for text in texts]
            found.append((each["type"], replaced[0] if len(replaced) == 1 else replaced))
        return found

    return Statement(
        sid=block.get("sid") or "",
        effect=block["effect"],
        actions=_one_or_all(strings("actions")),
        not_actions=_one_or_all(strings("notActions")),
        resources=_one_or_all(texts("resources")),
        not_resources=_one_or_all(texts("notResources")),
        principals=principals("principals"),
        not_principals=principals("notPrincipals"),
        conditions=[
            (
                each["test"],
                each["variable"],
                [_variables(text, version, f"{path}.conditions") for text in each["values"]],
            )
            for each in block.get("conditions") or []
        ],
    )


def _variables(text: str, version: str, path: str) -> str:
    """Write policy variables the way IAM wants them: programs say ``&{…}`` for ``${…}``."""
    if version == _OLD_VERSION and "&{" in text:
        raise LocalError(f"{path}: &{{ is not supported by policy version {_OLD_VERSION}; use 2012-10-17")
    return text.replace("&{", "${")


def _one_or_all(texts: list[str]) -> str | list[str] | None:
    return None if not texts else texts[0] if len(texts) == 1 else texts


def _require_new(document: Document, seen: set[str], path: str) -> None:
    for statement in document.statements:
        if statement.sid and statement.sid in seen:
            raise LocalError(f"{path}: the Sid {statement.sid} occurs twice; make it unique or leave it out")
        seen.add(statement.sid)
