"""Secrets, without their values."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.names import NamedType, prefix_input
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Block, Flag, Integer, JsonText, SetOf, Text
from localcloud.resource import LocalError, Operation, Properties

NOT_FOUND: Final = ("ResourceNotFoundException",)
_NAME_LIMIT: Final = 512
_NAME: Final = r"[0-9A-Za-z/_+=.@-]+"
_DEFAULT_KEY: Final = "alias/aws/secretsmanager"
_RECOVERY_DAYS: Final = 30
# moto can't empty a description that is set; a blank one means none.
_NO_DESCRIPTION: Final = " "


def _window(days: int) -> str | None:
    return None if days == 0 or 7 <= days <= 30 else f"must be 0 or between 7 and 30, not {days}"


class Secret(NamedType):
    """A secret of Secrets Manager; its id is its ARN."""

    token = "aws:secretsmanager/secret:Secret"
    source = read_from("secretsmanager/secret.go", "00c21cedec069dd27093b175baf15bac6d4b30fe")
    service = "secretsmanager"
    taggable = True
    inputs = {
        "description": Text(),
        "forceOverwriteReplicaSecret": Flag(default=False),
        "kmsKeyId": Text(),
        "name": Text(
            computed=True,
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=_NAME,
            autoname=Autoname(limit=_NAME_LIMIT),
            conflicts=("namePrefix",),
        ),
        "namePrefix": prefix_input(_NAME_LIMIT, pattern=_NAME),
        "policy": JsonText(computed=True),
        "recoveryWindowInDays": Integer(default=_RECOVERY_DAYS, check=_window),
        "replicas": SetOf(
            computed=True,
            element=Block(fields={"kmsKeyId": Text(computed=True), "region": Text(required=True)}),
        ),
    }
    outputs = ("arn",)
    unused = {"recoveryWindowInDays": 0}

    def make(self, operation: Operation, inputs: Properties) -> str:
        client, name = self.client(inputs), self.physical_name(inputs)
        arguments: Properties = {
            "Name": name,
            "ClientRequestToken": str(uuid.uuid4()),
            "Description": inputs.get("description") or "",
            "ForceOverwriteReplicaSecret": inputs["forceOverwriteReplicaSecret"],
            "Tags": to_list(self.wanted_tags(inputs)),
        }
        if inputs.get("kmsKeyId"):
            arguments["KmsKeyId"] = inputs["kmsKeyId"]
        if inputs.get("replicas"):
            arguments["AddReplicaRegions"] = [_replica(each) for each in inputs["replicas"]]
        answer = attempt(["ResourceExistsException"], client.create_secret, **arguments)
        if answer is None:
            raise LocalError(self._taken(client, name))
        operation.made(answer["ARN"], {"arn": answer["ARN"], **inputs})
        if _given(inputs.get("policy")):
            client.put_resource_policy(SecretId=answer["ARN"], ResourcePolicy=inputs["policy"])
        return answer["ARN"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        live = attempt(NOT_FOUND, client.describe_secret, SecretId=identity)
        if live is None or live.get("DeletedDate"):
            return None
        policy = attempt(NOT_FOUND, client.get_resource_policy, SecretId=identity) or {}
        found = {
            "arn": live["ARN"],
            "description": (live.get("Description") or "").strip() or None,
            "forceOverwriteReplicaSecret": state.get("forceOverwriteReplicaSecret", False),
            "kmsKeyId": live.get("KmsKeyId"),
            "name": live["Name"],
            "policy": policy.get("ResourcePolicy"),
            "recoveryWindowInDays": state.get("recoveryWindowInDays", _RECOVERY_DAYS),
            "replicas": [
                {
                    "kmsKeyId": each.get("KmsKeyId"),
                    "region": each["Region"],
                    "status": each.get("Status"),
                    "statusMessage": each.get("StatusMessage"),
                }
                for each in live.get("ReplicationStatus") or []
            ]
            or None,
        }
        return self.live(state, found, from_list(live.get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        if old.get("replicas") != new.get("replicas") and new.get("replicas") is not None:
            self._replicate(client, identity, old.get("replicas") or [], new)
        if any(old.get(name) != new.get(name) for name in ("description", "kmsKeyId")):
            client.update_secret(
                SecretId=identity,
                ClientRequestToken=str(uuid.uuid4()),
                Description=new.get("description") or _NO_DESCRIPTION,
                KmsKeyId=new.get("kmsKeyId") or _DEFAULT_KEY,
            )
        policy = new.get("policy")
        if policy is not None and not self.inputs["policy"].same(old.get("policy"), policy):
            if _given(policy):
                client.put_resource_policy(SecretId=identity, ResourcePolicy=policy)
            else:
                client.delete_resource_policy(SecretId=identity)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_resource(SecretId=identity, Tags=to_list(change.put))
        if change.drop:
            client.untag_resource(SecretId=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        # Without this look moto would record the forced deletion of a secret that never was.
        live = attempt(NOT_FOUND, client.describe_secret, SecretId=identity)
        if live is None or live.get("DeletedDate"):
            return
        regions = [each["Region"] for each in live.get("ReplicationStatus") or []]
        if regions:
            client.remove_regions_from_replication(SecretId=identity, RemoveReplicaRegions=regions)
        days = state.get("recoveryWindowInDays", _RECOVERY_DAYS)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        attempt(NOT_FOUND, client.delete_secret, SecretId=identity, **how)

    def named(self, operation: Operation, inputs: Properties, name: str) -> str | None:
        live = attempt(NOT_FOUND, self.client(inputs).describe_secret, SecretId=name)
        return None if live is None or live.get("DeletedDate") else live["ARN"]

    def names(self, client: Any, prefix: str) -> Iterable[str]:
        for page in client.get_paginator("list_secrets").paginate():
            yield from (each["Name"] for each in page["SecretList"] if each["Name"].startswith(prefix))

    # -- inside -------------------------------------------------------------------------------------

    def _taken(self, client: Any, name: str) -> str:
        live = attempt(NOT_FOUND, client.describe_secret, SecretId=name) or {}
        if live.get("DeletedDate"):
            return (
                f"secret {name} is scheduled for deletion, so its name is not free yet; restore or purge it, "
                "or set recoveryWindowInDays to 0 before secrets are deleted"
            )
        return f"secret {name} exists already; import it or choose another name"

    def _replicate(self, client: Any, identity: str, old: list[Any], new: Properties) -> None:
        wanted = {each["region"]: each for each in new["replicas"]}
        there = {each["region"]: each for each in old}
        gone = [region for region in there if there[region] != wanted.get(region)]
        if gone:
            client.remove_regions_from_replication(SecretId=identity, RemoveReplicaRegions=gone)
        added = [_replica(each) for region, each in wanted.items() if there.get(region) != each]
        if added:
            client.replicate_secret_to_regions(
                SecretId=identity,
                AddReplicaRegions=added,
                ForceOverwriteReplicaSecret=new["forceOverwriteReplicaSecret"],
            )


def _given(policy: str | None) -> bool:
    return bool(policy) and policy != "{}"


def _replica(block: Properties) -> dict[str, str]:
    key = {"KmsKeyId": block["kmsKeyId"]} if block.get("kmsKeyId") else {}
    return {"Region": block["region"], **key}
