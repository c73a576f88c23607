"""Guards against public access to a bucket."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.s3.part import BUCKET, BucketPart, gone
from localcloud.fields import Flag
from localcloud.resource import Properties

_GONE: Final = gone("NoSuchPublicAccessBlockConfiguration")
_FLAGS: Final = {
    "blockPublicAcls": "BlockPublicAcls",
    "blockPublicPolicy": "BlockPublicPolicy",
    "ignorePublicAcls": "IgnorePublicAcls",
    "restrictPublicBuckets": "RestrictPublicBuckets",
}


class BucketPublicAccessBlock(BucketPart):
    """A bucket's four guards against public access."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    source = read_from("s3/bucket_public_access_block.go", "01606926a0c0ab9174aec440f976a48b0baee722")
    inputs = {
        "bucket": BUCKET,
        **{name: Flag(default=False) for name in _FLAGS},
        "skipDestroy": Flag(write_only=True),
    }

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        wanted = {flag: inputs[name] for name, flag in _FLAGS.items()}
        client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=wanted)

    def get(self, client: Any, bucket: str, state: Properties) -> Properties | None:
        answer = attempt(_GONE, client.get_public_access_block, Bucket=bucket)
        if answer is None:
            return None
        live = answer["PublicAccessBlockConfiguration"]
        return {name: bool(live.get(flag)) for name, flag in _FLAGS.items()}

    def drop(self, client: Any, bucket: str, state: Properties) -> None:
        if not state.get("skipDestroy"):
            attempt(_GONE, client.delete_public_access_block, Bucket=bucket)
