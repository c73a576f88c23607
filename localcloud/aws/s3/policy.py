"""Who may use a bucket."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import policy_document
from localcloud.aws.s3.part import BUCKET, BucketPart, gone
from localcloud.fields import JsonText
from localcloud.resource import Properties

_GONE: Final = gone("NoSuchBucketPolicy")


class BucketPolicy(BucketPart):
    """A bucket's policy."""

    token = "aws:s3/bucketPolicy:BucketPolicy"
    source = read_from("s3/bucket_policy.go", "0073593e7d6993ba482409f4dc35438daaa79bb3")
    inputs = {"bucket": BUCKET, "policy": JsonText(required=True, check=policy_document)}

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        client.put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(_GONE, client.get_bucket_policy, Bucket=bucket)
        return {"policy": answer["Policy"]} if answer else None

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        attempt(_GONE, client.delete_bucket_policy, Bucket=bucket)
