"""Managed policies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import document_text, policy_document
from localcloud.aws.iam.role import NAME, NOT_FOUND
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Integer, JsonText, Text
from localcloud.resource import LocalError, Operation, Properties

_NAME_LIMIT: Final = 128
_VERSION_LIMIT: Final = 5


class Policy(NamedType):
    """A customer-managed IAM policy; its id is its ARN. A change makes a new default version."""

    token = "aws:iam/policy:Policy"
    source = read_from("iam/policy.go", "01ccd9a2d118a3e81a9649759bf14303526dc9e6")
    service = "iam"
    regional = False
    taggable = True
    inputs = {
        "delayAfterPolicyCreationInMs": Integer(force_new=True, minimum=0, write_only=True),
        "description": Text(force_new=True),
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=NAME),
        "path": Text(default="/", force_new=True),
        "policy": JsonText(required=True, check=policy_document),
    }
    outputs = ("arn", "attachmentCount", "policyId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        answer = self.client(inputs).create_policy(
            PolicyName=self.physical_name(inputs),
            PolicyDocument=inputs["policy"],
            Path=inputs["path"],
            Description=inputs.get("description") or "",
            Tags=to_list(self.wanted_tags(inputs)),
        )
        return answer["Policy"]["Arn"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(NOT_FOUND, client.get_policy, PolicyArn=identity)
        if answer is None:
            return None
        policy = answer["Policy"]
        version = client.get_policy_version(PolicyArn=identity, VersionId=policy["DefaultVersionId"])
        found = {
            "arn": policy["Arn"],
            "attachmentCount": policy.get("AttachmentCount", 0),
            "delayAfterPolicyCreationInMs": state.get("delayAfterPolicyCreationInMs"),
            "description": policy.get("Description") or None,
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policy": document_text(version["PolicyVersion"]["Document"]),
            "policyId": policy["PolicyId"],
        }
        return self.live(state, found, from_list(policy.get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        versions = client.list_policy_versions(PolicyArn=identity)["Versions"]
        if len(versions) >= _VERSION_LIMIT:
            spare = [each for each in versions if not each["IsDefaultVersion"]]
            oldest = min(spare, key=lambda each: int(each["VersionId"].lstrip("v")))
            client.delete_policy_version(PolicyArn=identity, VersionId=oldest["VersionId"])
        delay = new.get("delayAfterPolicyCreationInMs")
        made = client.create_policy_version(
            PolicyArn=identity, PolicyDocument=new["policy"], SetAsDefault=not delay
        )["PolicyVersion"]
        if delay:
            operation.pause(delay / 1000)
            client.set_default_policy_version(PolicyArn=identity, VersionId=made["VersionId"])

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_policy(PolicyArn=identity, Tags=to_list(change.put))
        if change.drop:
            client.untag_policy(PolicyArn=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        answer = attempt(NOT_FOUND, client.get_policy, PolicyArn=identity)
        if answer is None:
            return
        count = answer["Policy"].get("AttachmentCount", 0)
        if count:
            # IAM answers DeleteConflict; moto would remove it from under whoever bears it.
            raise LocalError(
                f"policy {identity} is still attached to {count} identities; detach it before it is deleted"
            )
        for version in client.list_policy_versions(PolicyArn=identity)["Versions"]:
            if not version["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=identity, VersionId=version["VersionId"])
        attempt(NOT_FOUND, client.delete_policy, PolicyArn=identity)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        arn = f"arn:{self.session.partition()}:iam::{self.session.account_id()}:policy{inputs['path']}{name}"
        return arn if attempt(NOT_FOUND, self.client(inputs).get_policy, PolicyArn=arn) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_policies").paginate(Scope="Local"):
            yield from (
                each["PolicyName"] for each in page["Policies"] if each["PolicyName"].startswith(prefix)
            )
