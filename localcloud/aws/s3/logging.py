"""Where the requests to a bucket are written down."""

from __future__ import annotations

from typing import Any

from localcloud.aws.base import attempt, read_from
from localcloud.aws.s3.bucket import NO_BUCKET
from localcloud.aws.s3.part import BUCKET, BucketPart
from localcloud.fields import Text
from localcloud.resource import Properties


class BucketLogging(BucketPart):
    """A bucket's access logs. The target is kept and told, and nothing is ever written to it."""

    token = "aws:s3/bucketLogging:BucketLogging"
    source = read_from("s3/bucket_logging.go", "01f431114674c27cf790fafb67ac274bf8f765e1")
    inputs = {
        "bucket": BUCKET,
        "targetBucket": Text(required=True),
        "targetPrefix": Text(required=True),
    }

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        target = {"TargetBucket": inputs["targetBucket"], "TargetPrefix": inputs["targetPrefix"]}
        client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": target})

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(NO_BUCKET, client.get_bucket_logging, Bucket=bucket)
        live = answer.get("LoggingEnabled") if answer else None
        if not live:
            return None
        return {"targetBucket": live["TargetBucket"], "targetPrefix": live.get("TargetPrefix") or ""}

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        attempt(NO_BUCKET, client.put_bucket_logging, Bucket=bucket, BucketLoggingStatus={})
