"""A KMS key of the environment's own."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import document, key_policy
from components.argument_types import check_types
from components.checks import check_range
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class KeyArgs:
    """Arguments of `Key`.

    Raises:
        InvalidArgument: a deletion window that KMS does not take.
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

    def __post_init__(self) -> None:
        check_types(self)
        check_range("deletion_window_days", self.deletion_window_days, 7, 30, "days")


class Key(Component):
    """A symmetric KMS key that rotates every year, with an alias to find it by.

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
            policy=document(key_policy(args.account_id, args.partition)),
            tags=context.tags(self.label, name=context.name(naming.TAGGED, name, "key")),
            opts=self.child(),
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
