"""Whether a bucket keeps old versions of objects."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.s3.bucket import NO_BUCKET
from localcloud.aws.s3.part import BUCKET, BucketPart
from localcloud.fields import Block, Text
from localcloud.resource import LocalError, Operation, Properties

_OFF: Final = "Disabled"


class BucketVersioning(BucketPart):
    """A bucket's versioning. Once on it can only be suspended, which is what a delete does."""

    token = "aws:s3/bucketVersioning:BucketVersioning"
    source = read_from("s3/bucket_versioning.go", "01c08000ddb14181b5bd19201d8fca311dc570e4")
    inputs = {
        "bucket": BUCKET,
        "versioningConfiguration": Block(
            required=True,
            fields={"status": Text(required=True, choices=("Disabled", "Enabled", "Suspended"))},
        ),
    }

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        status = inputs["versioningConfiguration"]["status"]
        if status != _OFF:
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        elif self._status(client, bucket) != _OFF:
            raise LocalError(
                f"versioning of bucket {bucket} can't be set to Disabled once it was on; use Suspended"
            )

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        status = self._status(client, bucket)
        return {"versioningConfiguration": {"status": status}} if status else None

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        if self._status(client, bucket) == "Enabled":
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        # A bucket whose versioning was never set is as good as none made.
        wanted = inputs["versioningConfiguration"]["status"]
        return super().find(operation, inputs) if wanted != _OFF else None

    def _status(self, client: Any, bucket: str) -> str | None:
        answer = attempt(NO_BUCKET, client.get_bucket_versioning, Bucket=bucket)
        return None if answer is None else answer.get("Status") or _OFF
