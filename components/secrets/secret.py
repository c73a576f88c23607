"""A secret in Secrets Manager."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant, Use, deny_plain_text, document, sid
from components.argument_types import check_types
from components.checks import check
from components.component import Component
from components.context import Context


@dataclass(frozen=True, kw_only=True)
class SecretArgs:
    """Arguments of `Secret`.

    Raises:
        InvalidArgument: a recovery window that Secrets Manager does not take.
    """

    context: Context
    value: pulumi.Input[str]
    """The secret text; it is kept encrypted in the state, whether or not it is marked as a secret."""
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

    def __post_init__(self) -> None:
        check_types(self, secret=("value",))
        days = self.recovery_window_days
        check(days == 0 or 7 <= days <= 30, "recovery_window_days", days, "use 0, or 7 to 30 days")


class Secret(Component):
    """A secret, its first version, and a policy that refuses whoever does not use TLS.

    Example:
        >>> Secret("token", SecretArgs(context=context, value=password.result, description="API token"))
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
            policy=document(deny_plain_text("secretsmanager", ["*"])),
            block_public_policy=True,
            opts=self.child(),
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=self.secret.id,
            secret_string=pulumi.Output.secret(args.value),
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
