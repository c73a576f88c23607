"""Who owns the objects of a bucket."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.s3.part import BUCKET, BucketPart, gone
from localcloud.fields import Block, Text
from localcloud.resource import Properties

_GONE: Final = gone("OwnershipControlsNotFoundError")
_CHOICES: Final = ("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter")


class BucketOwnershipControls(BucketPart):
    """A bucket's rule on the ownership of objects."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    source = read_from("s3/bucket_ownership_controls.go", "01c08000ddb14181b5bd19201d8fca311dc570e4")
    inputs = {
        "bucket": BUCKET,
        "rule": Block(required=True, fields={"objectOwnership": Text(required=True, choices=_CHOICES)}),
    }

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        rule = {"ObjectOwnership": inputs["rule"]["objectOwnership"]}
        client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls={"Rules": [rule]})

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(_GONE, client.get_bucket_ownership_controls, Bucket=bucket)
        rules = answer["OwnershipControls"]["Rules"] if answer else []
        return {"rule": {"objectOwnership": rules[0]["ObjectOwnership"]}} if rules else None

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        attempt(_GONE, client.delete_bucket_ownership_controls, Bucket=bucket)
