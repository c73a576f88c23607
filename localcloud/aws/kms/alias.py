"""Names of keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.kms.key import NOT_FOUND
from localcloud.aws.names import NamedType, prefix_input, unique_name
from localcloud.fields import Autoname, Text
from localcloud.resource import CheckRequest, Operation, Properties

_PREFIX: Final = "alias/"
_NAME: Final = r"alias/(?!aws/)[a-zA-Z0-9/_-]+"
_NAME_LIMIT: Final = 256


@dataclass(frozen=True, kw_only=True)
class KeyReference(Text):
    """A key by its id or its ARN, which mean the same."""

    def same(self, old: Any, new: Any) -> bool:
        return _key_id(old) == _key_id(new)


def _key_id(value: Any) -> Any:
    return value.rsplit(":key/", 1)[-1] if isinstance(value, str) else value


class Alias(NamedType):
    """A name ``alias/…`` of a KMS key; its id is the name."""

    token = "aws:kms/alias:Alias"
    source = read_from("kms/alias.go", "01c08000ddb14181b5bd19201d8fca311dc570e4")
    service = "kms"
    inputs = {
        "name": Text(
            computed=True,
            force_new=True,
            pattern=_NAME,
            autoname=Autoname(limit=_NAME_LIMIT - len(_PREFIX)),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=_NAME),
        "targetKeyId": KeyReference(required=True),
    }
    outputs = ("arn", "targetKeyArn")

    def physical_name(self, inputs: Properties) -> str:
        return inputs.get("name") or unique_name(inputs.get("namePrefix") or _PREFIX)

    def make(self, operation: Operation, inputs: Properties) -> str:
        name = self.physical_name(inputs)
        self.client(inputs).create_alias(AliasName=name, TargetKeyId=inputs["targetKeyId"])
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        answer = attempt(NOT_FOUND, self.client(state).describe_key, KeyId=identity)
        if answer is None:
            return None
        key = answer["KeyMetadata"]
        found = {
            "arn": self.arn(state, identity),
            "name": identity,
            "targetKeyArn": key["Arn"],
            "targetKeyId": key["KeyId"],
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.client(new).update_alias(AliasName=identity, TargetKeyId=new["targetKeyId"])

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(NOT_FOUND, self.client(state).delete_alias, AliasName=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        client = self.client(inputs)
        names = [inputs["name"]] if inputs.get("name") else self.names(client, inputs.get("namePrefix") or "")
        for name in names:
            answer = attempt(NOT_FOUND, client.describe_key, KeyId=name)
            if answer and answer["KeyMetadata"]["KeyId"] == _key_id(inputs["targetKeyId"]):
                return name
        return None

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        return name if attempt(NOT_FOUND, self.client(inputs).describe_key, KeyId=name) else None

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_aliases").paginate():
            yield from (each["AliasName"] for each in page["Aliases"] if each["AliasName"].startswith(prefix))

    def _autoname(self, request: CheckRequest, given: Properties) -> list[str]:
        generated = super()._autoname(request, given)
        if "name" in generated and not given["name"].startswith(_PREFIX):
            given["name"] = _PREFIX + given["name"]
        return generated
