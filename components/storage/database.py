"""A PostgreSQL database on RDS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import naming
from components.access import Grant, ToAddresses, Use, sid
from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context
from components.network import Firewall, FirewallArgs
from components.secrets import Generated, Secret, SecretArgs
from components.storage import windows
from components.storage.watching import Watched, watch
from components.telemetry import check_runbook
from components.telemetry.log_group import RETENTION_DAYS

PORT = 5432
RUNBOOK = "docs/runbooks/databases.md"
"""What to do when an alarm goes off, when a program has no runbook of its own."""

LOG_EXPORTS = ("postgresql", "upgrade")
"""Logs that go to CloudWatch, each to a log group of its own."""

_FORCE_SSL = "rds.force_ssl"
_GIB = 1024**3


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
    backup_window: str = "02:00-03:00"
    """When the daily backup is made, in UTC; at least 30 minutes."""
    maintenance_window: str = "sun:03:30-sun:04:30"
    """When RDS may work on the machine, in UTC; at least 30 minutes, and apart from the backup."""
    snapshot_identifier: pulumi.Input[str] | None = None
    """Snapshot whose data the database begins with, of a database of the same component; user and database
    are the snapshot's. Leave it in place afterwards: another value, or none, is another database."""
    iam_authentication: bool = False
    """Whether roles may connect with a token of IAM as well as with the password of the secret, see
    `grant_connect_as`."""
    performance_insights: bool = True
    """Whether RDS keeps for a week which statements cost how much."""
    log_retention_days: int = 365
    """Days that PostgreSQL's log is kept in CloudWatch; one of CloudWatch's own steps."""
    connections_alarm: int = 300
    """Connections at which the alarm goes off."""
    cpu_alarm: int = 80
    """Load of the processor, in per cent over a quarter of an hour, at which the alarm goes off."""
    free_storage_alarm: int = 10
    """Free storage, in per cent of `storage`, below which the alarm goes off."""
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    """ARNs of what an alarm sets off, such as an SNS topic."""
    runbook: str = RUNBOOK
    """Where it is written what to do when an alarm goes off: https:// or a page below `docs/`."""
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
            "log_lock_waits": "1",
        }
    )
    """Settings of PostgreSQL that differ from RDS's own, in the units PostgreSQL has them in. Connections
    without TLS are refused in any case."""
    protect: bool = False
    """Whether the engine refuses to delete the database."""

    def __post_init__(self) -> None:
        check_types(self)
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
        backup = windows.daily("backup_window", self.backup_window, 30)
        maintenance = windows.weekly("maintenance_window", self.maintenance_window, 30)
        windows.check_apart("maintenance_window", self.maintenance_window, backup, maintenance)
        forced = self.parameters.get(_FORCE_SSL, "1") == "1"
        check(forced, "parameters", {_FORCE_SSL: self.parameters.get(_FORCE_SSL)}, "leave it out, or use 1")
        for key, value in self.parameters.items():
            check_match("parameters", key, r"[a-z][a-z0-9_.]{0,254}", "use PostgreSQL's names of settings")
            check_match(
                f"parameters[{key if len(key) < 60 else '…'}]",
                value,
                r"[^\x00-\x1f]{0,4096}",
                "use one line of text",
            )
        check_range("log_retention_days", self.log_retention_days, 1, RETENTION_DAYS[-1], "days")
        check_choice("log_retention_days", self.log_retention_days, RETENTION_DAYS)
        check_range("connections_alarm", self.connections_alarm, 1, 262_143, "connections")
        check_range("cpu_alarm", self.cpu_alarm, 1, 100, "per cent")
        check_range("free_storage_alarm", self.free_storage_alarm, 1, 99, "per cent")
        check_runbook(self.runbook)


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
    final_snapshot: pulumi.Output[str]
    """Name of the snapshot that is taken when the database is deleted; empty when there is none."""
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
        self._iam_authentication = args.iam_authentication
        self._name = name
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
                for key, value in sorted({**args.parameters, _FORCE_SSL: "1"}.items())
            ],
            tags=tags,
            opts=self.child(),
        )
        password = Generated(length=40).value(f"{name}-password", self.child())
        identifier = naming.short_name(naming.POSTGRESQL, name)
        final = None
        if args.final_snapshot:
            # Named anew for each database: RDS refuses to delete one while an older snapshot has the name.
            mark = random.RandomId(f"{name}-final-mark", byte_length=4, opts=self.child())
            final = pulumi.Output.concat(context.name(naming.RDS_INSTANCE, name, "final"), "-", mark.hex)
        physical_name = context.name(naming.RDS_INSTANCE, name, "database")
        # RDS would make them itself, and keep every line for good.
        logs = [
            aws.cloudwatch.LogGroup(
                f"{name}-{kind}-logs",
                name=_log_group_name(physical_name, kind),
                retention_in_days=args.log_retention_days,
                tags=tags,
                opts=self.child(),
            )
            for kind in LOG_EXPORTS
        ]
        restored = args.snapshot_identifier is not None
        self.instance = aws.rds.Instance(
            name,
            identifier=physical_name,
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
            # A snapshot brings its own.
            db_name=None if restored else identifier,
            username=None if restored else identifier,
            snapshot_identifier=args.snapshot_identifier,
            iam_database_authentication_enabled=args.iam_authentication or None,
            password=password,
            port=PORT,
            db_subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            vpc_security_group_ids=[firewall.group_id],
            publicly_accessible=False,
            multi_az=args.multi_zone,
            backup_retention_period=args.backup_retention,
            backup_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            performance_insights_enabled=args.performance_insights,
            performance_insights_kms_key_id=args.kms_key_arn if args.performance_insights else None,
            performance_insights_retention_period=7 if args.performance_insights else None,
            copy_tags_to_snapshot=True,
            delete_automated_backups=not args.final_snapshot,
            deletion_protection=args.deletion_protection,
            skip_final_snapshot=not args.final_snapshot,
            final_snapshot_identifier=final,
            apply_immediately=True,
            tags=tags,
            opts=self.child(protect=args.protect, depends_on=logs),
        )
        self._watch(name, args)
        user = self.instance.username if restored else identifier
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
                        "dbname": self.instance.db_name if restored else identifier,
                        "username": user,
                        "password": password,
                        "sslmode": "require",
                    }
                ),
                kms_key_arn=args.kms_key_arn,
                recovery_window_days=args.secret_recovery_window_days,
            ),
            self.child(),
        )
        self.final_snapshot = pulumi.Output.from_input("" if final is None else final)
        self.address = self.instance.address
        self.port = self.instance.port
        self.database_name = self.instance.db_name
        self.arn = self.instance.arn
        self.secret_arn = self.secret.arn
        self.security_group_id = firewall.group_id
        self.register()

    def connected(self, blocks: Sequence[pulumi.Input[str]]) -> Use:
        """That a service connects to the database, which lies in `blocks`: its secret, and the way."""
        return Use(
            subject=self._name,
            grants=self.grant_connect(sid("ConnectDatabase", self._name)),
            addresses=[ToAddresses(blocks=blocks, port=self.port)],
        )

    def grant_connect(self, sid: str) -> list[Grant]:
        """What a service needs to connect: reading the secret. The firewall decides from where."""
        return self.secret.grant_read(sid)

    def grant_connect_as(self, sid: str, user: str) -> list[Grant]:
        """What a service needs to connect as the PostgreSQL role `user` with a token of IAM.

        The role has to be a member of `rds_iam`, and the database made with `iam_authentication`.

        Raises:
            InvalidArgument: no name of a role, or a database that takes no tokens.
        """
        check(
            self._iam_authentication, "iam_authentication", False, "use True for a database that takes tokens"
        )
        check_match("user", user, r"[a-z_][a-z0-9_]{0,62}", "use a-z, 0-9 and _, a letter first")

        def place(known: list[str]) -> str:
            # arn:aws:rds:REGION:ACCOUNT:db:name becomes arn:aws:rds-db:REGION:ACCOUNT:dbuser:id/user
            partition, region, account = (known[0].split(":")[part] for part in (1, 3, 4))
            return f"arn:{partition}:rds-db:{region}:{account}:dbuser:{known[1]}/{user}"

        resource = pulumi.Output.all(self.instance.arn, self.instance.resource_id).apply(place)
        return [Grant(sid=sid, actions=("rds-db:connect",), resources=[resource])]

    def _watch(self, name: str, args: DatabaseArgs) -> None:
        watched = (
            Watched(
                role="cpu",
                metric="CPUUtilization",
                threshold=args.cpu_alarm,
                description=f"The processor of database {name} has been busy for a quarter of an hour.",
            ),
            Watched(
                role="storage",
                metric="FreeStorageSpace",
                threshold=args.storage * _GIB * args.free_storage_alarm // 100,
                comparison="LessThanThreshold",
                statistic="Minimum",
                minutes=5,
                description=f"Database {name} is running out of storage; a full one stops.",
            ),
            Watched(
                role="connections",
                metric="DatabaseConnections",
                threshold=args.connections_alarm,
                statistic="Maximum",
                minutes=5,
                description=f"Database {name} has nearly as many connections as it takes.",
            ),
        )
        watch(
            name,
            watched,
            context=args.context,
            namespace="AWS/RDS",
            dimensions={"DBInstanceIdentifier": self.instance.identifier},
            actions=args.alarm_actions,
            runbook=args.runbook,
            child=self.child,
        )


def _log_group_name(instance: str, kind: str) -> str:
    """The log group that RDS writes one kind of log to; its name is RDS's to choose."""
    return f"/aws/rds/instance/{instance}/{kind}"
