"""Cases of the KMS types."""

from __future__ import annotations

import json

from lifecycle import Case, World

KEY = "aws:kms/key:Key"


def _policy(world: World, sid: str = "a") -> str:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{world.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _key(world: World, name: str) -> str:
    return world.make(KEY, {"description": name})[0]


CASES = [
    Case(
        token=KEY,
        create=lambda w: {
            "description": "a key",
            "deletionWindowInDays": 7,
            "enableKeyRotation": True,
            "rotationPeriodInDays": 180,
            "isEnabled": False,
            "policy": _policy(w),
            "tags": {"unique": w.unique("k")},
        },
        update=lambda w, inputs: {
            **inputs,
            "description": "still a key",
            "enableKeyRotation": False,
            "rotationPeriodInDays": None,
            "isEnabled": True,
            "policy": _policy(w, "b"),
            "tags": {**inputs["tags"], "more": "x"},
        },
        replace=lambda w, inputs: {**inputs, "multiRegion": True},
        drift=lambda w, id, _state: w.client("kms").update_key_description(KeyId=id, Description="drift"),
        drifted="description",
        vanish=lambda w, id, _state: w.client("kms").schedule_key_deletion(KeyId=id, PendingWindowInDays=7),
        bad=[
            ({"deletionWindowInDays": 6}, "deletionWindowInDays"),
            ({"rotationPeriodInDays": 89}, "rotationPeriodInDays"),
            ({"enableKeyRotation": None}, "rotationPeriodInDays"),
            ({"keyUsage": "NONE"}, "keyUsage"),
            ({"customerMasterKeySpec": "RSA_1"}, "customerMasterKeySpec"),
        ],
        unread=("deletionWindowInDays", "rotationPeriodInDays"),
    ),
    Case(
        token=KEY,
        create=lambda w: {
            "customerMasterKeySpec": "RSA_2048",
            "keyUsage": "SIGN_VERIFY",
            "tags": {"unique": w.unique("k")},
        },
        replace=lambda w, inputs: {**inputs, "customerMasterKeySpec": "RSA_4096"},
    ),
    Case(
        token="aws:kms/alias:Alias",
        create=lambda w: {"name": f"alias/{w.unique('a')}", "targetKeyId": _key(w, "one")},
        update=lambda w, inputs: {**inputs, "targetKeyId": _key(w, "two")},
        replace=lambda w, inputs: {**inputs, "name": f"alias/{w.unique('b')}"},
        drift=lambda w, id, _state: w.client("kms").update_alias(AliasName=id, TargetKeyId=_key(w, "three")),
        drifted="targetKeyId",
        bad=[({"name": "no-prefix"}, "name"), ({"name": "alias/aws/s3"}, "name")],
    ),
]
