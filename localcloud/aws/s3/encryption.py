"""How a bucket encrypts what is put into it."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.s3.part import BUCKET, BucketPart, gone
from localcloud.fields import Block, Flag, SetOf, Text
from localcloud.resource import Properties

_GONE: Final = gone("ServerSideEncryptionConfigurationNotFoundError")
_ALGORITHMS: Final = ("AES256", "aws:fsx", "aws:kms", "aws:kms:dsse")

_RULE: Final = Block(
    fields={
        "applyServerSideEncryptionByDefault": Block(
            fields={
                "kmsMasterKeyId": Text(),
                "sseAlgorithm": Text(required=True, choices=_ALGORITHMS),
            }
        ),
        "bucketKeyEnabled": Flag(default=False),
    }
)


class BucketEncryption(BucketPart):
    """A bucket's default encryption."""

    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    source = read_from(
        "s3/bucket_server_side_encryption_configuration.go", "01606926a0c0ab9174aec440f976a48b0baee722"
    )
    inputs = {"bucket": BUCKET, "rules": SetOf(required=True, min_items=1, element=_RULE)}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rules = [_to_api(rule) for rule in inputs["rules"]]
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(_GONE, client.get_bucket_encryption, Bucket=bucket)
        if answer is None:
            return None
        return {"rules": [_from_api(rule) for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]]}

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        attempt(_GONE, client.delete_bucket_encryption, Bucket=bucket)


def _to_api(rule: Properties) -> Properties:
    api: Properties = {"BucketKeyEnabled": rule["bucketKeyEnabled"]}
    default = rule.get("applyServerSideEncryptionByDefault")
    if default:
        key = {"KMSMasterKeyID": default["kmsMasterKeyId"]} if default.get("kmsMasterKeyId") else {}
        api["ApplyServerSideEncryptionByDefault"] = {"SSEAlgorithm": default["sseAlgorithm"], **key}
    return api


def _from_api(rule: Properties) -> Properties:
    found: Properties = {"bucketKeyEnabled": bool(rule.get("BucketKeyEnabled"))}
    default = rule.get("ApplyServerSideEncryptionByDefault")
    if default:
        key = {"kmsMasterKeyId": default["KMSMasterKeyID"]} if default.get("KMSMasterKeyID") else {}
        found["applyServerSideEncryptionByDefault"] = {"sseAlgorithm": default["SSEAlgorithm"], **key}
    return found
