"""A KMS key of the environment's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Statement, check_principals, document, key_policy
from components.argument_types import check_types
from components.checks import check_range
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """Arguments of `Key`.

    Raises:
        InvalidArgument: a deletion window or a rotation period that KMS does not take, a user who is none.
    """

    context: Context
    account_id: pulumi.Input[str]
    """The account whose IAM policies decide over the key."""
    partition: str = "aws"
    """Partition of the account: `aws`, `aws-cn` or `aws-us-gov`."""
    description: str = "Encrypts the data of the environment"
    """What the console shows."""
    deletion_window_days: int = 30
    """Days between the deletion of the key and its end, 7 to 30; it can be saved until then."""
    rotation_period_days: int = 365
    """Days after which KMS makes new key material, 90 to 2560; what the old one encrypted stays readable."""
    users: Sequence[pulumi.Input[str]] = ()
    """ARNs of principals that the key's own policy lets use it, such as another account's `root`."""

    protect: bool = False
    """Whether the engine refuses to delete the key."""
    retain: bool = False
    """Whether the key stays when its stack is destroyed: snapshots and backups are unreadable without it."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("deletion_window_days", self.deletion_window_days, 7, 30, "days")
        check_range("rotation_period_days", self.rotation_period_days, 90, 2560, "days")
        check_principals("users", self.users)


class Key(Component):
    """A symmetric KMS key that rotates by itself, with an alias to find it by.

    Example:
        >>> Key("data", KeyArgs(context=context, account_id=account_id))
    """

    token = "understudy:secrets:Key"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the key."""
    key_id: pulumi.Output[str]
    """Id of the key."""
    alias_name: pulumi.Output[str]
    """Name of the alias, `alias/…`."""
    key: aws.kms.Key
    """The key itself."""

    def __init__(self, name: str, args: KeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        context = args.context
        self.key = aws.kms.Key(
            name,
            description=args.description,
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_window_days,
            rotation_period_in_days=args.rotation_period_days,
            policy=document(key_policy(args.account_id, args.partition), *_use(args.users)),
            tags=context.tags(self.label, name=context.name(naming.TAGGED, name, "key")),
            opts=self.child(protect=args.protect, retain_on_delete=args.retain),
        )
        alias = aws.kms.Alias(
            f"{name}-alias",
            name=context.name(naming.KMS_ALIAS, name, "key"),
            target_key_id=self.key.key_id,
            opts=self.child(),
        )
        self.arn = self.key.arn
        self.key_id = self.key.key_id
        self.alias_name = alias.name
        self.register()


def _use(users: Sequence[pulumi.Input[str]]) -> list[Statement]:
    if not users:
        return []
    actions = ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo"]
    return [
        {
            "Sid": "NamedUsers",
            "Effect": "Allow",
            "Principal": {"AWS": list(users)},
            "Action": [f"kms:{action}" for action in actions],
            "Resource": "*",
        }
    ]
