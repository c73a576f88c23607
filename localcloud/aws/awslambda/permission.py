"""Who may invoke a function."""

from __future__ import annotations

import json
from typing import Any, Final

from localcloud.aws.awslambda.function import NAME, NOT_FOUND
from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.names import unique_name
from localcloud.fields import Autoname, Text
from localcloud.resource import Live, LocalError, Operation, Properties

_SID: Final = r"[0-9A-Za-z_-]+"
_SID_LIMIT: Final = 100


class Permission(AwsType):
    """One statement of a function's policy; its id is the statement's.

    Of the conditions there are account, ARN and organisation; tokens and function URLs are not implemented.
    It is imported as ``<function>/<statement>`` or ``<function>:<qualifier>/<statement>``.
    """

    token = "aws:lambda/permission:Permission"
    source = read_from("lambda/permission.go", "04592f03e5d83a5e1504b52a6d07063ffa3f708d")
    service = "lambda"
    inputs = {
        "action": Text(required=True, force_new=True, pattern=r"lambda:(\*|[A-Za-z*]+)"),
        "function": Text(required=True, force_new=True, pattern=NAME),
        "principal": Text(required=True, force_new=True),
        "principalOrgId": Text(force_new=True),
        "qualifier": Text(force_new=True, pattern=r"[0-9A-Za-z$_-]+", max_length=128),
        "sourceAccount": Text(force_new=True, pattern=r"\d{12}"),
        "sourceArn": Text(force_new=True, check=arn),
        "statementId": Text(
            computed=True,
            force_new=True,
            max_length=_SID_LIMIT,
            pattern=_SID,
            autoname=Autoname(limit=_SID_LIMIT),
            conflicts=("statementIdPrefix",),
        ),
        "statementIdPrefix": Text(
            computed=True, force_new=True, max_length=_SID_LIMIT, pattern=_SID, conflicts=("statementId",)
        ),
    }

    def make(self, operation: Operation, inputs: Properties) -> str:
        sid = inputs.get("statementId") or unique_name(inputs.get("statementIdPrefix") or "")
        if self._statement(inputs, sid) is not None:
            raise LocalError(
                f"function {inputs['function']}: its policy has a statement {sid} already; choose another"
            )
        optional = {
            "PrincipalOrgID": "principalOrgId",
            "Qualifier": "qualifier",
            "SourceAccount": "sourceAccount",
            "SourceArn": "sourceArn",
        }
        self.client(inputs).add_permission(
            Action=inputs["action"],
            FunctionName=inputs["function"],
            Principal=inputs["principal"],
            StatementId=sid,
            **{name: inputs[key] for name, key in optional.items() if inputs.get(key)},
        )
        return sid

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        place, separator, sid = identity.partition("/")
        if separator:
            name, _, qualifier = place.partition(":") if place.count(":") == 1 else (place, "", "")
            state = {**state, "function": name, **({"qualifier": qualifier} if qualifier else {})}
            identity = sid
        if not state.get("function"):
            raise LocalError(f"{identity!r} is no id of a permission: import it as <function>/<statement>")
        return super().read(operation, identity, inputs, state)

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        sid = identity
        statement = self._statement(state, sid)
        if statement is None:
            return None
        principal = statement.get("Principal")
        tests = {
            key.lower(): value
            for tests in (statement.get("Condition") or {}).values()
            for key, value in tests.items()
        }
        found = {
            "action": statement["Action"],
            "function": state["function"],
            "principal": next(iter(principal.values())) if isinstance(principal, dict) else principal,
            "principalOrgId": tests.get("aws:principalorgid"),
            "qualifier": state.get("qualifier"),
            "sourceAccount": tests.get("aws:sourceaccount"),
            "sourceArn": tests.get("aws:sourcearn"),
            "statementId": sid,
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        raise AssertionError("every input of a permission forces a replacement")

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        qualifier = {"Qualifier": state["qualifier"]} if state.get("qualifier") else {}
        attempt(
            NOT_FOUND,
            self.client(state).remove_permission,
            FunctionName=state["function"],
            StatementId=identity,
            **qualifier,
        )

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        sid = inputs.get("statementId")
        return sid if sid and self._statement(inputs, sid) is not None else None

    def _statement(self, properties: Properties, sid: str) -> Any:
        qualifier = {"Qualifier": properties["qualifier"]} if properties.get("qualifier") else {}
        answer = attempt(
            NOT_FOUND, self.client(properties).get_policy, FunctionName=properties["function"], **qualifier
        )
        statements = json.loads(answer["Policy"])["Statement"] if answer else []
        return next((each for each in statements if each.get("Sid") == sid), None)
