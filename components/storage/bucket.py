"""A private S3 bucket."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check, check_range
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    """Arguments of `Bucket`. All times are in days.

    Raises:
        InvalidArgument: a number of days that S3 does not take, or an order of them that makes no sense.
    """

    context: Context
    versioned: bool = True
    """Whether overwritten and deleted objects can be had back."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the objects (SSE-KMS); S3's own keys (AES-256) when absent."""
    expire_after: int | None = None
    """Days after which an object is deleted; never when absent."""
    expire_old_versions_after: int = 90
    """Days after which a version that is no longer the current one is deleted."""
    archive_after: int | None = None
    """Days after which an object moves to infrequent-access storage, at least 30; never when absent."""
    force_destroy: bool = False
    """Whether destroying the bucket deletes the objects in it; otherwise a full bucket is not destroyed."""
    protect: bool = False
    """Whether the engine refuses to delete the bucket."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("expire_old_versions_after", self.expire_old_versions_after, 1, 3650, "days")
        if self.expire_after is not None:
            check_range("expire_after", self.expire_after, 1, 36500, "days")
        if self.archive_after is not None:
            # S3 refuses an earlier move to STANDARD_IA.
            check_range("archive_after", self.archive_after, 30, 36500, "days")
            if self.expire_after is not None:
                later = f"use more than the {self.archive_after} days of archive_after"
                check(self.expire_after > self.archive_after, "expire_after", self.expire_after, later)


class Bucket(Component):
    """A bucket that is encrypted, never public, refuses plain text, and cleans up after itself.

    Example:
        >>> Bucket("archive", BucketArgs(context=context, archive_after=90, expire_after=2555))
    """

    token = "understudy:storage:Bucket"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the bucket."""
    bucket_name: pulumi.Output[str]
    """Name of the bucket, as S3 calls take it."""
    bucket: aws.s3.Bucket
    """The bucket itself."""

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._kms_key_arn = args.kms_key_arn
        self.bucket = aws.s3.Bucket(
            name,
            bucket=args.context.name(naming.S3_BUCKET, name, "bucket"),
            force_destroy=args.force_destroy,
            tags=args.context.tags(self.label),
            opts=self.child(protect=args.protect),
        )
        public_access = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=self.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.child(),
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=self.bucket.bucket,
            versioning_configuration={"status": "Enabled" if args.versioned else "Suspended"},
            opts=self.child(),
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=self.bucket.bucket,
            rules=[_encryption_rule(args.kms_key_arn)],
            opts=self.child(),
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.bucket.bucket,
            rules=_lifecycle_rules(args),
            # S3 takes rules about old versions only once it keeps them.
            opts=self.child(depends_on=[versioning]),
        )
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket.bucket,
            policy=document(
                deny_plain_text("s3", [self.bucket.arn, pulumi.Output.format("{0}/*", self.bucket.arn)])
            ),
            # S3 refuses the two at the same moment with a conflict.
            opts=self.child(depends_on=[public_access]),
        )
        self.arn = self.bucket.arn
        self.bucket_name = self.bucket.bucket
        self.register()

    def read(self) -> Use:
        """That a service reads objects of the bucket."""
        return Use(subject=self._name, grants=self.grant_read(sid("ReadBucket", self._name)))

    def written(self) -> Use:
        """That a service writes objects into the bucket."""
        return Use(subject=self._name, grants=self.grant_write(sid("WriteBucket", self._name)))

    def grant_read(self, sid: str) -> list[Grant]:
        """What a service needs to read objects whose keys it knows."""
        return self._grants(sid, ("s3:GetObject",), ("kms:Decrypt",))

    def grant_write(self, sid: str) -> list[Grant]:
        """What a service needs to write objects, in several parts if they are large."""
        return self._grants(
            sid, ("s3:PutObject", "s3:AbortMultipartUpload"), ("kms:Decrypt", "kms:GenerateDataKey")
        )

    def _grants(self, sid: str, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> list[Grant]:
        objects = pulumi.Output.format("{0}/*", self.arn)
        grants = [Grant(sid=sid, actions=actions, resources=[objects])]
        if self._kms_key_arn is not None:
            grants.append(Grant(sid=f"{sid}Key", actions=key_actions, resources=[self._kms_key_arn]))
        return grants


def _encryption_rule(
    kms_key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if kms_key_arn is None else "aws:kms", kms_master_key_id=kms_key_arn
    )
    # A bucket key asks KMS once for many objects; with S3's own keys there is nothing to ask.
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=kms_key_arn is not None
    )


def _lifecycle_rules(args: BucketArgs) -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    rule = aws.s3.BucketLifecycleConfigurationRuleArgs
    everything = aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="")
    rules = [
        rule(
            id="clean-up",
            status="Enabled",
            filter=everything,
            abort_incomplete_multipart_upload=(
                aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                    days_after_initiation=7
                )
            ),
            noncurrent_version_expiration=(
                aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                    noncurrent_days=args.expire_old_versions_after
                )
            ),
        )
    ]
    if args.archive_after is not None:
        move = aws.s3.BucketLifecycleConfigurationRuleTransitionArgs(
            days=args.archive_after, storage_class="STANDARD_IA"
        )
        rules.append(rule(id="archive", status="Enabled", filter=everything, transitions=[move]))
    if args.expire_after is not None:
        end = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.expire_after)
        rules.append(rule(id="expire", status="Enabled", filter=everything, expiration=end))
    return rules
