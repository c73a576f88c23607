"""Roles."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn, document_text, policy_document, rfc3339
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Flag, Integer, JsonText, Text
from localcloud.resource import Operation, Properties

NOT_FOUND: Final = ("NoSuchEntity",)
NAME: Final = r"[\w+=,.@-]+"
_NAME_LIMIT: Final = 64


def description(value: str) -> str | None:
    """Say that a description holds typographic quotes, which IAM refuses."""
    return "must not hold the quotes “ or ‘" if "“" in value or "‘" in value else None  # noqa: RUF001


class Role(NamedType):
    """An IAM role; its id is its name."""

    token = "aws:iam/role:Role"
    source = read_from("iam/role.go", "0040ea6911af00bea2cca6dbb14e86829826ad8e")
    service = "iam"
    regional = False
    taggable = True
    inputs = {
        "assumeRolePolicy": JsonText(required=True, check=policy_document),
        "description": Text(max_length=1000, check=description),
        "forceDetachPolicies": Flag(default=False),
        "maxSessionDuration": Integer(default=3600, minimum=3600, maximum=43_200),
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=NAME),
        "path": Text(default="/", force_new=True, max_length=512),
        "permissionsBoundary": Text(check=arn),
    }
    outputs = ("arn", "createDate", "uniqueId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        optional = {"Description": "description", "PermissionsBoundary": "permissionsBoundary"}
        role = self.client(inputs).create_role(
            RoleName=self.physical_name(inputs),
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            Path=inputs["path"],
            Tags=to_list(self.wanted_tags(inputs)),
            **{name: inputs[key] for name, key in optional.items() if inputs.get(key)},
        )["Role"]
        return role["RoleName"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        answer = attempt(NOT_FOUND, self.client(state).get_role, RoleName=identity)
        if answer is None:
            return None
        role = answer["Role"]
        found = {
            "arn": role["Arn"],
            "assumeRolePolicy": document_text(role["AssumeRolePolicyDocument"]),
            "createDate": rfc3339(role.get("CreateDate")),
            "description": role.get("Description") or None,
            "forceDetachPolicies": state.get("forceDetachPolicies", False),
            "maxSessionDuration": role.get("MaxSessionDuration"),
            "name": role["RoleName"],
            "path": role["Path"],
            "permissionsBoundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
            "uniqueId": role["RoleId"],
        }
        return self.live(state, found, from_list(role.get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        trust = new["assumeRolePolicy"]
        if not self.inputs["assumeRolePolicy"].same(old.get("assumeRolePolicy"), trust):
            client.update_assume_role_policy(RoleName=identity, PolicyDocument=trust)
        if any(old.get(name) != new.get(name) for name in ("description", "maxSessionDuration")):
            # Both together: moto empties a description that is left out.
            client.update_role(
                RoleName=identity,
                Description=new.get("description") or "",
                MaxSessionDuration=new["maxSessionDuration"],
            )
        boundary = new.get("permissionsBoundary")
        if boundary and boundary != old.get("permissionsBoundary"):
            client.put_role_permissions_boundary(RoleName=identity, PermissionsBoundary=boundary)
        elif old.get("permissionsBoundary") and not boundary:
            client.delete_role_permissions_boundary(RoleName=identity)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_role(RoleName=identity, Tags=to_list(change.put))
        if change.drop:
            client.untag_role(RoleName=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        if self.named(operation, state, identity) is None:
            return
        profiles = client.list_instance_profiles_for_role(RoleName=identity)["InstanceProfiles"]
        for profile in profiles:
            client.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=identity
            )
        if state.get("forceDetachPolicies"):
            self._detach(client, identity)
        attempt(NOT_FOUND, client.delete_role, RoleName=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if attempt(NOT_FOUND, self.client(inputs).get_role, RoleName=name) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_roles").paginate():
            yield from (each["RoleName"] for each in page["Roles"] if each["RoleName"].startswith(prefix))

    def _detach(self, client: Any, identity: str) -> None:
        for page in client.get_paginator("list_attached_role_policies").paginate(RoleName=identity):
            for each in page["AttachedPolicies"]:
                attempt(NOT_FOUND, client.detach_role_policy, RoleName=identity, PolicyArn=each["PolicyArn"])
        for page in client.get_paginator("list_role_policies").paginate(RoleName=identity):
            for name in page["PolicyNames"]:
                attempt(NOT_FOUND, client.delete_role_policy, RoleName=identity, PolicyName=name)
