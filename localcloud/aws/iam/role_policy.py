"""Inline policies of roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import document_text, policy_document
from localcloud.aws.iam.role import NAME, NOT_FOUND
from localcloud.aws.names import NamedType, made_from, prefix_input
from localcloud.fields import Autoname, JsonText, Text
from localcloud.resource import LocalError, Operation, Properties

_NAME_LIMIT: Final = 128


class RolePolicy(NamedType):
    """A policy inside an IAM role; its id is ``<role>:<policy>``."""

    token = "aws:iam/rolePolicy:RolePolicy"
    source = read_from("iam/role_policy.go", "02f97af85f89a04e8ed89f5e8b64a9a67f3cfe07")
    service = "iam"
    regional = False
    inputs = {
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=NAME),
        "policy": JsonText(required=True, check=policy_document),
        "role": Text(required=True, force_new=True, pattern=NAME),
    }

    def make(self, operation: Operation, inputs: Properties) -> str:
        name = self.physical_name(inputs)
        self._put(inputs, inputs["role"], name)
        return f"{inputs['role']}:{name}"

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        role, name = _parts(identity)
        answer = attempt(NOT_FOUND, self.client(state).get_role_policy, RoleName=role, PolicyName=name)
        if answer is None:
            return None
        document = document_text(answer["PolicyDocument"])
        return self.live(state, {"name": name, "policy": document, "role": role})

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self._put(new, *_parts(identity))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        role, name = _parts(identity)
        attempt(NOT_FOUND, self.client(state).delete_role_policy, RoleName=role, PolicyName=name)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        if inputs.get("name"):
            return self.named(operation, inputs, inputs["name"])
        client, prefix = self.client(inputs), inputs.get("namePrefix") or ""
        answer = attempt(NOT_FOUND, client.list_role_policies, RoleName=inputs["role"]) or {}
        made = [name for name in answer.get("PolicyNames", []) if made_from(prefix, name)]
        return f"{inputs['role']}:{made[0]}" if len(made) == 1 else None

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        identity = f"{inputs['role']}:{name}"
        return identity if self.fetch(operation, identity, inputs) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        return ()

    def _put(self, inputs: Properties, role: str, name: str) -> None:
        self.client(inputs).put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=inputs["policy"])


def _parts(identity: str) -> tuple[str, str]:
    role, _, name = identity.partition(":")
    if not role or not name:
        raise LocalError(f"{identity!r} is no id of a role policy: it must be <role name>:<policy name>")
    return role, name
