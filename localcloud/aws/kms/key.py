"""Keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.tags import TagChange, Tags, from_list, to_list
from localcloud.fields import Flag, Integer, JsonText, Text
from localcloud.resource import Operation, Properties

NOT_FOUND: Final = ("NotFoundException",)
_PENDING: Final = ("PendingDeletion", "PendingReplicaDeletion")
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_POLICY: Final = "default"
# What KMS uses when none is given; moto does not tell the period.
_ROTATION_DAYS: Final = 365

_SPECS: Final = (
    "ECC_NIST_EDWARDS25519",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "SM2",
    _SYMMETRIC,
)
_USAGES: Final = ("ENCRYPT_DECRYPT", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT", "SIGN_VERIFY")


class Key(AwsType):
    """A KMS key. It is never removed at once: a delete schedules that.

    moto does not tell `rotationPeriodInDays`: a refresh keeps what the program said.
    """

    token = "aws:kms/key:Key"
    source = read_from("kms/key.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    service = "kms"
    taggable = True
    inputs = {
        "bypassPolicyLockoutSafetyCheck": Flag(default=False),
        "customerMasterKeySpec": Text(default=_SYMMETRIC, force_new=True, choices=_SPECS),
        "deletionWindowInDays": Integer(minimum=7, maximum=30, write_only=True),
        "description": Text(computed=True, max_length=8192),
        "enableKeyRotation": Flag(default=False),
        "isEnabled": Flag(default=True),
        "keyUsage": Text(default="ENCRYPT_DECRYPT", force_new=True, choices=_USAGES),
        "multiRegion": Flag(computed=True, force_new=True),
        "policy": JsonText(computed=True),
        "rotationPeriodInDays": Integer(
            computed=True, minimum=90, maximum=2560, requires=("enableKeyRotation",)
        ),
    }
    outputs = ("arn", "keyId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        given = {"Description": "description", "MultiRegion": "multiRegion", "Policy": "policy"}
        key = client.create_key(
            KeySpec=inputs["customerMasterKeySpec"],
            KeyUsage=inputs["keyUsage"],
            BypassPolicyLockoutSafetyCheck=inputs["bypassPolicyLockoutSafetyCheck"],
            Tags=to_list(self.wanted_tags(inputs), "TagKey", "TagValue"),
            **{name: inputs[key] for name, key in given.items() if inputs.get(key)},
        )["KeyMetadata"]
        identity = key["KeyId"]
        operation.made(identity, {**inputs, "arn": key["Arn"], "keyId": identity})
        if inputs["enableKeyRotation"]:
            self._rotate(client, identity, inputs)
        if not inputs["isEnabled"]:
            client.disable_key(KeyId=identity)
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(NOT_FOUND, client.describe_key, KeyId=identity)
        if answer is None or answer["KeyMetadata"]["KeyState"] in _PENDING:
            return None
        key = answer["KeyMetadata"]
        rotates = key["KeySpec"] == _SYMMETRIC and bool(
            client.get_key_rotation_status(KeyId=identity)["KeyRotationEnabled"]
        )
        found = {
            "arn": key["Arn"],
            "bypassPolicyLockoutSafetyCheck": state.get("bypassPolicyLockoutSafetyCheck", False),
            "customerMasterKeySpec": key["KeySpec"],
            "deletionWindowInDays": state.get("deletionWindowInDays"),
            "description": key.get("Description") or None,
            "enableKeyRotation": rotates,
            "isEnabled": bool(key["Enabled"]),
            "keyId": key["KeyId"],
            "keyUsage": key["KeyUsage"],
            "multiRegion": bool(key.get("MultiRegion")),
            "policy": client.get_key_policy(KeyId=identity, PolicyName=_POLICY).get("Policy"),
            "rotationPeriodInDays": (state.get("rotationPeriodInDays") or _ROTATION_DAYS)
            if rotates
            else None,
        }
        return self.live(state, found, self._tags(client, identity))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        # A disabled key can't be changed: it is enabled first and disabled last.
        if new["isEnabled"] and not old.get("isEnabled", True):
            client.enable_key(KeyId=identity)
        rotation = ("enableKeyRotation", "rotationPeriodInDays")
        if any(old.get(name) != new.get(name) for name in rotation):
            if new["enableKeyRotation"]:
                self._rotate(client, identity, new)
            else:
                client.disable_key_rotation(KeyId=identity)
        description = new.get("description")
        if description is not None and description != old.get("description"):
            client.update_key_description(KeyId=identity, Description=description)
        policy = new.get("policy")
        if policy is not None and not self.inputs["policy"].same(old.get("policy"), policy):
            client.put_key_policy(
                KeyId=identity,
                PolicyName=_POLICY,
                Policy=policy,
                BypassPolicyLockoutSafetyCheck=new["bypassPolicyLockoutSafetyCheck"],
            )
        if not new["isEnabled"] and old.get("isEnabled", True):
            client.disable_key(KeyId=identity)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_resource(KeyId=identity, Tags=to_list(change.put, "TagKey", "TagValue"))
        if change.drop:
            client.untag_resource(KeyId=identity, TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        client = self.client(state)
        # moto would begin the waiting period anew for a key that is to be deleted already.
        answer = attempt(NOT_FOUND, client.describe_key, KeyId=identity)
        if answer is None or answer["KeyMetadata"]["KeyState"] in _PENDING:
            return
        window = state.get("deletionWindowInDays")
        client.schedule_key_deletion(KeyId=identity, **({"PendingWindowInDays": window} if window else {}))

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        return self.only(self._live_keys(self.client(inputs)), inputs)

    # -- inside -------------------------------------------------------------------------------------

    def _live_keys(self, client: Any) -> Iterator[tuple[str, Tags]]:
        for page in client.get_paginator("list_keys").paginate():
            for each in page["Keys"]:
                key = client.describe_key(KeyId=each["KeyId"])["KeyMetadata"]
                if key["KeyState"] not in _PENDING and key.get("KeyManager") == "CUSTOMER":
                    yield key["KeyId"], self._tags(client, key["KeyId"])

    def _tags(self, client: Any, identity: str) -> Tags:
        answer = client.list_resource_tags(KeyId=identity)
        return from_list(answer.get("Tags"), "TagKey", "TagValue")

    def _rotate(self, client: Any, identity: str, inputs: Properties) -> None:
        period = inputs.get("rotationPeriodInDays")
        client.enable_key_rotation(KeyId=identity, **({"RotationPeriodInDays": period} if period else {}))
