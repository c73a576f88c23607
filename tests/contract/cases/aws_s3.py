"""Cases of the S3 types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, Inputs, World

BUCKET = "aws:s3/bucket:Bucket"


def _bucket(world: World, name: str = "part") -> str:
    return world.make(BUCKET, {"bucket": world.unique(name)})[0]


def _gone(world: World, id: str, _state: Inputs) -> None:
    world.client("s3").delete_bucket(Bucket=id)


def _policy(bucket: str, action: str = "s3:GetObject") -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": action,
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _kms(bucket_key: bool = True) -> list[dict[str, Any]]:
    default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "alias/own"}
    return [{"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": bucket_key}]


_RULES: list[dict[str, Any]] = [
    {
        "id": "both",
        "status": "Enabled",
        "filter": {"and": {"prefix": "logs/", "tags": {"a": "b"}}},
        "expiration": {"days": 90},
        "transitions": [
            {"days": 30, "storageClass": "STANDARD_IA"},
            {"days": 60, "storageClass": "GLACIER"},
        ],
        "noncurrentVersionExpiration": {"noncurrentDays": 7},
        "noncurrentVersionTransitions": [
            {"noncurrentDays": 3, "newerNoncurrentVersions": 2, "storageClass": "GLACIER"}
        ],
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 2},
    },
    {"id": "markers", "status": "Disabled", "filter": {}, "expiration": {"expiredObjectDeleteMarker": True}},
    {
        "id": "tag",
        "status": "Enabled",
        "filter": {"tag": {"key": "k", "value": "v"}},
        "expiration": {"date": "2030-01-01T00:00:00Z"},
    },
    {"id": "old", "status": "Enabled", "prefix": "old/", "expiration": {"days": 1}},
    {"id": "all", "status": "Enabled", "expiration": {"days": 400}},
]


def _drift_rules(world: World, id: str, _state: Inputs) -> None:
    rule = {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 5}}
    world.client("s3").put_bucket_lifecycle_configuration(Bucket=id, LifecycleConfiguration={"Rules": [rule]})


def _log_target(world: World, name: str) -> str:
    """A bucket that S3's logs may be written to, made once."""
    client, bucket = world.client("s3"), f"{name}-{world.account}"
    known = [each["Name"] for each in client.list_buckets()["Buckets"]]
    if bucket not in known:
        client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": world.region})
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    return bucket


def _log_elsewhere(world: World, id: str, _state: Inputs) -> None:
    target = {"TargetBucket": _log_target(world, "logs"), "TargetPrefix": "drift/"}
    world.client("s3").put_bucket_logging(Bucket=id, BucketLoggingStatus={"LoggingEnabled": target})


CASES = [
    Case(
        token=BUCKET,
        create=lambda w: {"bucket": w.unique("b"), "forceDestroy": True, "tags": {"a": "b"}},
        update=lambda w, inputs: {**inputs, "tags": {"a": "c", "d": "e"}},
        replace=lambda w, inputs: {**inputs, "bucket": w.unique("c")},
        drift=lambda w, id, _state: w.client("s3").put_bucket_tagging(
            Bucket=id, Tagging={"TagSet": [{"Key": "a", "Value": "drift"}]}
        ),
        drifted="tags",
        vanish=_gone,
        bad=[
            ({"bucket": "Capital"}, "bucket"),
            ({"bucket": "a" * 64}, "bucket"),
            ({"bucket": "10.0.0.1"}, "bucket"),
            ({"bucketPrefix": "p"}, "bucket"),
            ({"versioning": {"enabled": True}}, "versioning"),
        ],
        unread=("forceDestroy",),
    ),
    Case(
        token=BUCKET,
        create=lambda w: {
            "bucketPrefix": w.unique("p"),
            "objectLockEnabled": True,
            "tags": {"unique": w.unique("t")},
        },
        replace=lambda w, inputs: {**inputs, "objectLockEnabled": False},
        unread=("bucketPrefix",),
    ),
    Case(
        token="aws:s3/bucketVersioning:BucketVersioning",
        create=lambda w: {"bucket": _bucket(w), "versioningConfiguration": {"status": "Enabled"}},
        update=lambda w, inputs: {**inputs, "versioningConfiguration": {"status": "Suspended"}},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=lambda w, id, _state: w.client("s3").put_bucket_versioning(
            Bucket=id, VersioningConfiguration={"Status": "Enabled"}
        ),
        drifted="versioningConfiguration",
        vanish=_gone,
        stays=True,
        bad=[({"versioningConfiguration": {"status": "On"}}, "versioningConfiguration.status")],
    ),
    Case(
        token="aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        create=lambda w: {"bucket": _bucket(w), "rules": _kms()},
        update=lambda w, inputs: {**inputs, "rules": _kms(bucket_key=False)},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=lambda w, id, _state: w.client("s3").put_bucket_encryption(
            Bucket=id,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        ),
        drifted="rules",
        vanish=_gone,
        bad=[
            (
                {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "ROT13"}}]},
                "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm",
            ),
            ({"rules": []}, "rules"),
        ],
    ),
    Case(
        token="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        create=lambda w: {"bucket": _bucket(w), "blockPublicAcls": True, "blockPublicPolicy": True},
        update=lambda w, inputs: {**inputs, "restrictPublicBuckets": True},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=lambda w, id, _state: w.client("s3").put_public_access_block(
            Bucket=id, PublicAccessBlockConfiguration={"BlockPublicAcls": False}
        ),
        drifted="blockPublicAcls",
        vanish=_gone,
        bad=[({"blockPublicAcls": "perhaps"}, "blockPublicAcls")],
    ),
    Case(
        token="aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        create=lambda w: {"bucket": _bucket(w), "rules": _RULES},
        update=lambda w, inputs: {**inputs, "rules": _RULES[1:]},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=_drift_rules,
        drifted="rules",
        vanish=_gone,
        bad=[
            ({"rules": []}, "rules"),
            ({"rules": [{"id": "a", "status": "On"}]}, "rules[0].status"),
            (
                {"rules": [{"id": "a", "status": "Enabled", "filter": {"objectSizeGreaterThan": 5}}]},
                "rules[0].filter.objectSizeGreaterThan",
            ),
            (
                {"rules": [{"id": "a", "status": "Enabled", "transitions": [{"storageClass": "GLACIER"}]}]},
                "rules[0].transitions[0]",
            ),
        ],
    ),
    Case(
        token="aws:s3/bucketPolicy:BucketPolicy",
        create=lambda w: {"bucket": _bucket(w), "policy": _policy("x")},
        update=lambda w, inputs: {**inputs, "policy": _policy("x", "s3:PutObject")},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=lambda w, id, _state: w.client("s3").put_bucket_policy(Bucket=id, Policy=_policy("x", "s3:*")),
        drifted="policy",
        vanish=_gone,
        bad=[({"policy": "x"}, "policy")],
    ),
    Case(
        token="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        create=lambda w: {"bucket": _bucket(w), "rule": {"objectOwnership": "BucketOwnerPreferred"}},
        update=lambda w, inputs: {**inputs, "rule": {"objectOwnership": "ObjectWriter"}},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=lambda w, id, _state: w.client("s3").put_bucket_ownership_controls(
            Bucket=id, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        ),
        drifted="rule",
        vanish=_gone,
        bad=[({"rule": {"objectOwnership": "Nobody"}}, "rule.objectOwnership")],
    ),
    Case(
        token="aws:s3/bucketLogging:BucketLogging",
        create=lambda w: {
            "bucket": _bucket(w),
            "targetBucket": _log_target(w, "logs"),
            "targetPrefix": "orders/",
        },
        update=lambda w, inputs: {**inputs, "targetBucket": _log_target(w, "others"), "targetPrefix": "b/"},
        replace=lambda w, inputs: {**inputs, "bucket": _bucket(w)},
        drift=_log_elsewhere,
        drifted="targetPrefix",
        vanish=_gone,
        bad=[({"targetBucket": None}, "targetBucket"), ({"targetGrants": []}, "targetGrants")],
    ),
]
