"""Local types of S3: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

_HERE = "localcloud.aws.s3"

TYPES: Mapping[str, str] = {
    "aws:s3/bucket:Bucket": f"{_HERE}.bucket:Bucket",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": f"{_HERE}.lifecycle:BucketLifecycle",
    "aws:s3/bucketLogging:BucketLogging": f"{_HERE}.logging:BucketLogging",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": f"{_HERE}.ownership:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy": f"{_HERE}.policy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (
        f"{_HERE}.public_access:BucketPublicAccessBlock"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        f"{_HERE}.encryption:BucketEncryption"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": f"{_HERE}.versioning:BucketVersioning",
}
