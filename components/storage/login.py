"""An application's own login to a database."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components import naming
from components.access import Grant, ToAddresses, Use, sid
from components.argument_types import check_types
from components.checks import check_range
from components.component import Component
from components.context import Context
from components.secrets import Generated, Rotation, RotationArgs, Secret, SecretArgs
from components.secrets.secret import check_recovery_window


@dataclass(frozen=True, kw_only=True)
class DatabaseLoginArgs:
    """Arguments of `DatabaseLogin`.

    Raises:
        InvalidArgument: a schedule, a port or a number of days that AWS does not take.
    """

    context: Context
    account_id: pulumi.Input[str]
    """The account that all of it is in."""
    address: pulumi.Input[str]
    """Host name of the database."""
    database_port: pulumi.Input[int]
    """TCP port as the database tells it."""
    database_name: pulumi.Input[str]
    """Name of the database in PostgreSQL."""
    admin_secret_arn: pulumi.Input[str]
    """Secret of the database's master user."""
    database_security_group_id: pulumi.Input[str]
    """Security group of the database."""
    vpc_id: pulumi.Input[str]
    """VPC of the database."""
    subnet_ids: pulumi.Input[list[str]]
    """Subnets for the function that rotates."""
    code: pulumi.Archive
    """Code of the function that rotates; see `Rotation`."""
    port: int = 5432
    """TCP port that the firewall knows."""
    every_days: int | None = 30
    """Days from one rotation to the next, 1 to 1000; None with a `schedule`."""
    schedule: str | None = None
    """When to rotate, in the place of `every_days`; see `Rotation`."""
    window_hours: int | None = None
    """Hours within which a rotation happens, 1 to 24."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the secrets."""
    secret_recovery_window_days: int = 30
    """Days that the deleted secret can be restored, 7 to 30, or 0."""
    log_retention_days: int = 365
    """Days that the function's log is kept."""

    def __post_init__(self) -> None:
        check_types(self)
        check_range("port", self.port, 1, 65_535)
        check_recovery_window("secret_recovery_window_days", self.secret_recovery_window_days)
        # What the rotation refuses is refused here, before anything is made.
        self.rotation(secret_arn="", version_id="", thing="login")

    def rotation(
        self, *, secret_arn: pulumi.Input[str], version_id: pulumi.Input[str], thing: str
    ) -> RotationArgs:
        """The arguments of the rotation of the secret."""
        return RotationArgs(
            context=self.context,
            account_id=self.account_id,
            secret_arn=secret_arn,
            secret_version_id=version_id,
            admin_secret_arn=self.admin_secret_arn,
            code=self.code,
            vpc_id=self.vpc_id,
            subnet_ids=self.subnet_ids,
            database_security_group_id=self.database_security_group_id,
            port=self.port,
            every_days=self.every_days,
            schedule=self.schedule,
            window_hours=self.window_hours,
            kms_key_arn=self.kms_key_arn,
            log_retention_days=self.log_retention_days,
            thing=thing,
        )

    def secret(self, value: pulumi.Input[str], thing: str) -> SecretArgs:
        """The arguments of the secret."""
        return SecretArgs(
            context=self.context,
            thing=thing,
            kind="login",
            description=f"How {thing} logs in to its database",
            value=value,
            kms_key_arn=self.kms_key_arn,
            recovery_window_days=self.secret_recovery_window_days,
        )


class DatabaseLogin(Component):
    """A login of an application's own, whose password is rotated while it is in use.

    The application has no right but on its own tables; the master user's credentials are for the rotation
    alone. The function that rotates makes the roles in PostgreSQL, at its first run. The password that the
    program makes up is never valid: what the state holds opens nothing. The secret is JSON, as `Database`'s.

    Example:
        >>> DatabaseLogin("orders", DatabaseLoginArgs(
        ...     context=context, account_id=account_id, address=database.address, database_port=database.port,
        ...     database_name=database.database_name, admin_secret_arn=database.secret_arn,
        ...     database_security_group_id=database.security_group_id, vpc_id=network.vpc_id,
        ...     subnet_ids=network.private_subnet_ids, code=rotation_code()))
    """

    token = "understudy:storage:DatabaseLogin"  # noqa: S105 - a type token

    secret_arn: pulumi.Output[str]
    """ARN of the secret that the application connects with; it comes after the first rotation."""
    function_name: pulumi.Output[str]
    """Name of the function that rotates."""
    username: pulumi.Output[str]
    """Name that both users share: they are this, and this with `_clone`."""
    rotation: Rotation
    """The rotation's component."""

    def __init__(
        self, name: str, args: DatabaseLoginArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self._name, self._port = name, args.database_port
        self._kms_key_arn = args.kms_key_arn
        username = naming.short_name(naming.POSTGRESQL_LOGIN, name, "app")
        password = Generated().value(f"{name}-password", self.child())
        first = pulumi.Output.json_dumps(
            {
                "engine": "postgres",
                "host": args.address,
                "port": args.database_port,
                "dbname": args.database_name,
                "username": username,
                "password": password,
                "sslmode": "require",
            }
        )
        secret = Secret(f"{name}-secret", args.secret(first, name), self.child())
        rotation = args.rotation(secret_arn=secret.arn, version_id=secret.version_id, thing=name)
        self.rotation = Rotation(f"{name}-rotation", rotation, self.child())
        self.secret_arn = self.rotation.secret_arn
        self.function_name = self.rotation.function_name
        self.username = pulumi.Output.from_input(username)
        self.register()

    def connected(self, blocks: Sequence[pulumi.Input[str]]) -> Use:
        """That a service connects as the login to the database, which lies in `blocks`."""
        return Use(
            subject=self._name,
            grants=self.grant_connect(sid("ConnectDatabase", self._name)),
            addresses=[ToAddresses(blocks=blocks, port=self._port)],
        )

    def grant_connect(self, sid: str) -> list[Grant]:
        """What a service needs to connect: reading the secret, and the key where there is one."""
        grants = [Grant(sid=sid, actions=("secretsmanager:GetSecretValue",), resources=[self.secret_arn])]
        if self._kms_key_arn is not None:
            grants.append(Grant(sid=f"{sid}Key", actions=("kms:Decrypt",), resources=[self._kms_key_arn]))
        return grants
