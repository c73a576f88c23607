"""A secret in Secrets Manager."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Statement, Use, check_principals, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check
from components.component import Component
from components.context import Context
from components.secrets.generated import Generated


@dataclass(frozen=True, kw_only=True)
class SecretArgs:
    """Arguments of `Secret`.

    Raises:
        InvalidArgument: a recovery window that Secrets Manager does not take, a reader who is no principal,
            no value at all or two of them.
    """

    context: Context
    value: pulumi.Input[str] | None = None
    """The secret text; it is kept encrypted in the state, whether or not it is marked as a secret."""
    generated: Generated | None = None
    """How to make up a value, in the place of `value`."""
    description: str
    """What the secret opens, for whoever finds it in the console."""
    kind: str = "secret"
    """Last part of the physical name, such as `database`."""
    thing: str | None = None
    """What the secret belongs to, for its physical name; the component's own name when absent."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts it; the account's own `aws/secretsmanager` key when absent."""
    recovery_window_days: int = 30
    """Days that a deleted secret can be restored, 7 to 30; 0 deletes at once and frees the name."""
    readers: Sequence[pulumi.Input[str]] = ()
    """ARNs of principals (roles, users, accounts' `root`) that the secret's own policy lets read it."""

    def __post_init__(self) -> None:
        check_types(self, secret=("value",))
        one = (self.value is None) != (self.generated is None)
        # The value itself stays out of the message.
        check(one, "value", "given" if self.value is not None else None, "give either value or generated")
        check_principals("readers", self.readers)
        check_recovery_window("recovery_window_days", self.recovery_window_days)


class Secret(Component):
    """A secret, its first version, and a policy that refuses whoever does not use TLS and names who may read.

    Example:
        >>> Secret("token", SecretArgs(context=context, generated=Generated(), description="API token"))
    """

    token = "understudy:secrets:Secret"  # noqa: S105 - a type token

    arn: pulumi.Output[str]
    """ARN of the secret."""
    physical_name: pulumi.Output[str]
    """Name of the secret in Secrets Manager."""
    version_id: pulumi.Output[str]
    """Id of the version that holds the value."""
    secret: aws.secretsmanager.Secret
    """The secret itself, without its value."""

    def __init__(self, name: str, args: SecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        self._kms_key_arn = args.kms_key_arn
        self.secret = aws.secretsmanager.Secret(
            name,
            name=args.context.name(naming.SECRET, args.thing or name, args.kind),
            description=args.description,
            kms_key_id=args.kms_key_arn,
            recovery_window_in_days=args.recovery_window_days,
            tags=args.context.tags(self.label),
            opts=self.child(),
        )
        aws.secretsmanager.SecretPolicy(
            f"{name}-policy",
            secret_arn=self.secret.arn,
            policy=document(*_policy(args.readers)),
            block_public_policy=True,
            opts=self.child(),
        )
        value = args.generated.value(f"{name}-value", self.child()) if args.generated else args.value
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=self.secret.id,
            secret_string=pulumi.Output.secret(value),
            opts=self.child(),
        )
        # By way of the version: whoever takes the ARN comes after the value is there to be read.
        self.arn = version.secret_arn
        self.physical_name = self.secret.name
        self.version_id = version.version_id
        self.register()

    def read(self) -> Use:
        """That a service reads the secret."""
        return Use(subject=self._name, grants=self.grant_read(sid("ReadSecret", self._name)))

    def grant_read(self, sid: str) -> list[Grant]:
        """What a service needs to read the secret: its value, and the key where there is one."""
        grants = [Grant(sid=sid, actions=("secretsmanager:GetSecretValue",), resources=[self.arn])]
        if self._kms_key_arn is not None:
            grants.append(Grant(sid=f"{sid}Key", actions=("kms:Decrypt",), resources=[self._kms_key_arn]))
        return grants


def check_recovery_window(field: str, days: int) -> None:
    """Refuse what Secrets Manager does not take as a recovery window, in days; 0 stands for none."""
    number = isinstance(days, int) and not isinstance(days, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
    check(number and (days == 0 or 7 <= days <= 30), field, days, "use 0, or 7 to 30 days")


def _policy(readers: Sequence[pulumi.Input[str]]) -> list[Statement]:
    statements = [deny_plain_text("secretsmanager", ["*"])]
    if readers:
        statements.append(
            {
                "Sid": "NamedReaders",
                "Effect": "Allow",
                "Principal": {"AWS": list(readers)},
                "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                "Resource": "*",
            }
        )
    return statements
