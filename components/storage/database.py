"""A PostgreSQL database on RDS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant
from components.checks import check, check_match, check_range
from components.component import Component
from components.context import Context
from components.network import Firewall, FirewallArgs
from components.secrets import Generated, Secret, SecretArgs

PORT = 5432


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    """Arguments of `Database`. Sizes are in GiB, times in days.

    Raises:
        InvalidArgument: a version without its minor part, a name PostgreSQL does not take, a number out of
            range, or a database that could be lost together with its backups by mistake.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    """VPC to live in."""
    subnet_ids: pulumi.Input[list[str]]
    """Subnets of at least two zones, without a way to the internet."""
    sources: Mapping[str, pulumi.Input[str]]
    """Who may connect: a stable key, and an IPv4 block."""
    engine_version: str = "15.13"
    """Exact version of PostgreSQL, such as `15.13`."""
    instance_class: str = "db.m7g.large"
    """Size of the machine."""
    storage: int = 100
    """GiB of storage to begin with, 20 to 65536."""
    storage_limit: int = 500
    """GiB up to which the storage grows by itself; 0 for never."""
    multi_zone: bool = True
    """Whether a standby runs in another zone."""
    backup_retention: int = 30
    """Days that backups are kept, 0 (no backups) to 35."""
    deletion_protection: bool = True
    """Whether RDS refuses to delete the database."""
    final_snapshot: bool = True
    """Whether a last snapshot is taken when the database is deleted."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts storage and secret; the account's own keys when absent."""
    secret_recovery_window_days: int = 30
    """Days that the deleted secret can be restored, 7 to 30, or 0."""
    parameters: Mapping[str, str] = field(
        default_factory=lambda: {
            # A forgotten transaction keeps old rows alive and others waiting: end it after a minute.
            "idle_in_transaction_session_timeout": "60000",
            "log_min_duration_statement": "1000",
        }
    )
    """Settings of PostgreSQL that differ from RDS's own, in the units PostgreSQL has them in."""
    protect: bool = False
    """Whether the engine refuses to delete the database."""

    def __post_init__(self) -> None:
        exact = "use an exact version such as 15.13"
        check_match("engine_version", self.engine_version, r"1[3-9]\.\d+", exact)
        check_match(
            "instance_class", self.instance_class, r"db\.[a-z0-9]+\.[a-z0-9]+", "use db.m7g.large, say"
        )
        check_range("storage", self.storage, 20, 65_536, "GiB")
        limit = self.storage_limit
        check(
            limit == 0 or self.storage < limit <= 65_536,
            "storage_limit",
            limit,
            "use 0, or more than storage",
        )
        check_range("backup_retention", self.backup_retention, 0, 35, "days")
        backed = self.backup_retention > 0 or not self.deletion_protection
        check(backed, "backup_retention", self.backup_retention, "use 1 to 35 days for a protected database")


class Database(Component):
    """A PostgreSQL instance that is encrypted and private, with its password in Secrets Manager only.

    The secret is JSON: `engine`, `host`, `port`, `dbname`, `username`, `password`, `sslmode`.

    Example:
        >>> Database("orders", DatabaseArgs(
        ...     context=context, vpc_id=network.vpc_id, subnet_ids=network.data_subnet_ids,
        ...     sources={"private": network.plan.tier("private")}))
    """

    token = "understudy:storage:Database"  # noqa: S105 - a type token

    address: pulumi.Output[str]
    """Host name of the database."""
    port: pulumi.Output[int]
    """TCP port of the database."""
    database_name: pulumi.Output[str]
    """Name of the database in PostgreSQL."""
    arn: pulumi.Output[str]
    """ARN of the instance."""
    secret_arn: pulumi.Output[str]
    """ARN of the master user's secret, which holds everything needed to connect."""
    security_group_id: pulumi.Output[str]
    """Id of the security group that decides who may connect."""
    instance: aws.rds.Instance
    """The instance itself."""
    secret: Secret
    """The secret's component, to grant reading it."""

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        context = args.context
        tags = context.tags(self.label)
        firewall = Firewall(
            f"{name}-firewall",
            FirewallArgs(
                context=context,
                vpc_id=args.vpc_id,
                description=f"Database {name}",
                port=PORT,
                sources=args.sources,
                thing=f"{name}database",
            ),
            self.child(),
        )
        subnets = aws.rds.SubnetGroup(
            f"{name}-subnets",
            name=context.name(naming.RDS_GROUP, name, "subnets"),
            description=f"Subnets of database {name}",
            subnet_ids=args.subnet_ids,
            tags=tags,
            opts=self.child(),
        )
        parameters = aws.rds.ParameterGroup(
            f"{name}-parameters",
            name=context.name(naming.RDS_GROUP, name, "parameters"),
            description=f"Settings of database {name}",
            family=f"postgres{args.engine_version.split('.')[0]}",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(name=key, value=value)
                for key, value in sorted(args.parameters.items())
            ],
            tags=tags,
            opts=self.child(),
        )
        password = Generated(length=40).value(f"{name}-password", self.child())
        identifier = naming.short_name(naming.POSTGRESQL, name)
        final = context.name(naming.RDS_INSTANCE, name, "final") if args.final_snapshot else None
        self.instance = aws.rds.Instance(
            name,
            identifier=context.name(naming.RDS_INSTANCE, name, "database"),
            engine="postgres",
            engine_version=args.engine_version,
            # An upgrade is a change of the program, which a preview gets to see first.
            auto_minor_version_upgrade=False,
            instance_class=args.instance_class,
            allocated_storage=args.storage,
            max_allocated_storage=args.storage_limit or None,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=args.kms_key_arn,
            db_name=identifier,
            username=identifier,
            password=password,
            port=PORT,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[firewall.group_id],
            publicly_accessible=False,
            multi_az=args.multi_zone,
            backup_retention_period=args.backup_retention,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not args.final_snapshot,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=final,
            apply_immediately=True,
            tags=tags,
            opts=self.child(protect=args.protect),
        )
        self.secret = Secret(
            f"{name}-credentials",
            SecretArgs(
                context=context,
                thing=name,
                kind="database",
                description=f"How to connect to database {name}",
                value=pulumi.Output.json_dumps(
                    {
                        "engine": "postgres",
                        "host": self.instance.address,
                        "port": self.instance.port,
                        "dbname": identifier,
                        "username": identifier,
                        "password": password,
                        "sslmode": "require",
                    }
                ),
                kms_key_arn=args.kms_key_arn,
                recovery_window_days=args.secret_recovery_window_days,
            ),
            self.child(),
        )
        self.address = self.instance.address
        self.port = self.instance.port
        self.database_name = self.instance.db_name
        self.arn = self.instance.arn
        self.secret_arn = self.secret.arn
        self.security_group_id = firewall.group_id
        self.register()

    def grant_connect(self, sid: str) -> list[Grant]:
        """What a service needs to connect: reading the secret. The firewall decides from where."""
        return self.secret.grant_read(sid)
