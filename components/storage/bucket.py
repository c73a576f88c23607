"""A private S3 bucket."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Statement, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check, check_match, check_range
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
    access_logs_bucket: pulumi.Input[str] | None = None
    """Bucket that every request is written down in; made with `access_logs_account`. None when absent."""
    access_logs_prefix: str = ""
    """What the names of these logs begin with, such as `archive/`."""
    access_logs_account: pulumi.Input[str] | None = None
    """Account whose buckets may write their access logs here; none when absent. S3 writes them to buckets
    with its own keys only."""
    force_destroy: bool = False
    """Whether destroying the bucket deletes the objects in it; otherwise a full bucket is not destroyed."""
    protect: bool = False
    """Whether the engine refuses to delete the bucket."""

    def __post_init__(self) -> None:
        check_types(self)
        prefix = r"([A-Za-z0-9!_.*'()-]+/)*[A-Za-z0-9!_.*'()-]*"
        check_match("access_logs_prefix", self.access_logs_prefix, prefix, "use letters, digits, -_. and /")
        check(
            len(self.access_logs_prefix) <= 512, "access_logs_prefix", self.access_logs_prefix, "shorten it"
        )
        named = self.access_logs_bucket is not None or not self.access_logs_prefix
        check(named, "access_logs_prefix", self.access_logs_prefix, "give access_logs_bucket as well")
        plain = self.access_logs_account is None or self.kms_key_arn is None
        check(plain, "kms_key_arn", "given", "leave it out for a bucket of access logs")
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

    Its objects belong to the account, whoever wrote them; access lists are off.

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
        ownership = aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=self.bucket.bucket,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            # S3 refuses two changes of who may do what at the same moment with a conflict.
            opts=self.child(depends_on=[public_access]),
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
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket.bucket,
            policy=document(*_statements(args, self.bucket.arn)),
            opts=self.child(depends_on=[public_access, ownership]),
        )
        if args.access_logs_bucket is not None:
            aws.s3.BucketLogging(
                f"{name}-access-logs",
                bucket=self.bucket.bucket,
                target_bucket=args.access_logs_bucket,
                target_prefix=args.access_logs_prefix,
                opts=self.child(),
            )
        # By way of the policy: whoever takes the ARN comes after the bucket takes logs, and no plain text.
        self.arn = pulumi.Output.all(self.bucket.arn, policy.id).apply(lambda known: str(known[0]))
        self.bucket_name = pulumi.Output.all(self.bucket.bucket, policy.id).apply(lambda known: str(known[0]))
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

    def grant_delete(self, sid: str) -> list[Grant]:
        """What a service needs to delete objects; the versions of a versioned bucket stay for a while."""
        objects = pulumi.Output.format("{0}/*", self.arn)
        return [Grant(sid=sid, actions=("s3:DeleteObject",), resources=[objects])]

    def grant_list(self, sid: str) -> list[Grant]:
        """What a service needs to list keys, and to be told of a missing object that it is missing."""
        return [Grant(sid=sid, actions=("s3:ListBucket",), resources=[self.arn])]

    def _grants(self, sid: str, actions: tuple[str, ...], key_actions: tuple[str, ...]) -> list[Grant]:
        objects = pulumi.Output.format("{0}/*", self.arn)
        grants = [Grant(sid=sid, actions=actions, resources=[objects])]
        if self._kms_key_arn is not None:
            grants.append(Grant(sid=f"{sid}Key", actions=key_actions, resources=[self._kms_key_arn]))
        return grants


def _statements(args: BucketArgs, arn: pulumi.Output[str]) -> list[Statement]:
    objects = pulumi.Output.format("{0}/*", arn)
    everything = [arn, objects]
    old_tls = {
        **deny_plain_text("s3", everything),
        "Sid": "DenyOldTls",
        "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }
    statements = [deny_plain_text("s3", everything), old_tls]
    if args.access_logs_account is not None:
        statements.append(
            {
                "Sid": "TakeAccessLogs",
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": objects,
                "Condition": {"StringEquals": {"aws:SourceAccount": args.access_logs_account}},
            }
        )
    return statements


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
    elif args.versioned:
        # A marker whose last version is gone marks nothing, and makes listing slow.
        markers = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True)
        rules.append(rule(id="markers", status="Enabled", filter=everything, expiration=markers))
    return rules
