"""A Redis or Valkey cache on ElastiCache."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

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

PORT = 6379
RUNBOOK = "docs/runbooks/caches.md"
"""What to do when an alarm goes off, when a program has no runbook of its own."""

VERSIONS = {"redis": r"7\.[01]", "valkey": r"7\.2|8\.[0-2]"}
"""The versions that ElastiCache has of each engine."""

_POLICY = "maxmemory-policy"
POLICIES = (
    "allkeys-lfu",
    "allkeys-lru",
    "allkeys-random",
    "noeviction",
    "volatile-lfu",
    "volatile-lru",
    "volatile-random",
    "volatile-ttl",
)
"""What may make room when the memory is full."""


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """Arguments of `Cache`. Times are in days.

    Raises:
        InvalidArgument: a version that the engine does not have, a number out of range, windows that overlap,
            or a failover without a node to fail over to.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    """VPC to live in."""
    subnet_ids: pulumi.Input[list[str]]
    """Subnets without a way to the internet."""
    sources: Mapping[str, pulumi.Input[str]]
    """Who may connect: a stable key, and an IPv4 block."""
    engine: str = "redis"
    """`redis` or `valkey`; the local cloud has a server for `redis` only."""
    engine_version: str = "7.1"
    """Version of the engine; ElastiCache names it by two numbers and picks the patch."""
    node_type: str = "cache.m7g.large"
    """Size of each node."""
    nodes: int = 2
    """Nodes, 1 to 6: the primary and its replicas."""
    failover: bool | None = None
    """Whether a replica in another zone takes over by itself, which needs two nodes; when absent, it does as
    soon as there is one."""
    transit_encryption: str = "required"
    """TLS: `required`, or `preferred` to let clients without it in as well."""
    snapshot_retention: int = 7
    """Days that snapshots are kept, 0 (no snapshots) to 35."""
    snapshot_window: str = "02:00-03:00"
    """When the daily snapshot is made, in UTC; at least 60 minutes."""
    maintenance_window: str = "sun:03:30-sun:04:30"
    """When ElastiCache may work on the nodes, in UTC; at least 60 minutes, and apart from the snapshot."""
    evictions_alarm: int = 1000
    """Entries that make room for others in five minutes, three times in a row, at which the alarm goes
    off."""
    memory_alarm: int = 90
    """Used memory, in per cent, at which the alarm goes off."""
    alarm_actions: Sequence[pulumi.Input[str]] = ()
    """ARNs of what an alarm sets off, such as an SNS topic."""
    runbook: str = RUNBOOK
    """Where it is written what to do when an alarm goes off: https:// or a page below `docs/`."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the data at rest and the secret; the account's own keys when absent."""
    secret_recovery_window_days: int = 30
    """Days that the deleted secret can be restored, 7 to 30, or 0."""
    parameters: Mapping[str, str] = field(default_factory=lambda: {_POLICY: "allkeys-lru"})
    """Settings of the engine that differ from ElastiCache's own."""

    def __post_init__(self) -> None:
        check_types(self)
        check_choice("engine", self.engine, tuple(VERSIONS))
        exact = "use 7.0 or 7.1 with redis; 7.2, 8.0, 8.1 or 8.2 with valkey"
        check_match("engine_version", self.engine_version, VERSIONS[self.engine], exact)
        check_match("node_type", self.node_type, r"cache\.[a-z0-9]+\.[a-z0-9]+", "use cache.m7g.large, say")
        check_range("nodes", self.nodes, 1, 6, "nodes")
        check_choice("transit_encryption", self.transit_encryption, ("required", "preferred"))
        check_range("snapshot_retention", self.snapshot_retention, 0, 35, "days")
        micro = self.node_type.startswith("cache.t1.") and self.snapshot_retention > 0
        check(not micro, "snapshot_retention", self.snapshot_retention, "use 0 for a cache.t1 node")
        enough = self.nodes >= 2 or self.failover is not True
        check(enough, "failover", self.failover, "use at least 2 nodes, or leave it out")
        daily = windows.daily("snapshot_window", self.snapshot_window, 60)
        weekly = windows.weekly("maintenance_window", self.maintenance_window, 60)
        windows.check_apart("maintenance_window", self.maintenance_window, daily, weekly)
        for key, value in self.parameters.items():
            check_match("parameters", key, r"[a-z][a-z0-9-]{0,254}", "use the engine's names of settings")
            check_match(
                f"parameters[{key if len(key) < 60 else '…'}]",
                value,
                r"[^\x00-\x1f]{0,1024}",
                "use one line of text",
            )
        if _POLICY in self.parameters:
            check_choice(f"parameters[{_POLICY}]", self.parameters[_POLICY], POLICIES)
        check_range("evictions_alarm", self.evictions_alarm, 1, 10**9, "entries")
        check_range("memory_alarm", self.memory_alarm, 1, 100, "per cent")
        check_runbook(self.runbook)


class Cache(Component):
    """A replication group with a password and TLS, and the password in Secrets Manager only.

    The secret is JSON: `host`, `port`, `password`, `tls`.

    Example:
        >>> Cache("pricing", CacheArgs(
        ...     context=context, vpc_id=network.vpc_id, subnet_ids=network.data_subnet_ids,
        ...     sources={"private": network.plan.tier("private")}))
    """

    token = "understudy:storage:Cache"  # noqa: S105 - a type token

    address: pulumi.Output[str]
    """Host name of the primary, which takes reads and writes."""
    port: pulumi.Output[int]
    """TCP port of the cache."""
    arn: pulumi.Output[str]
    """ARN of the replication group."""
    secret_arn: pulumi.Output[str]
    """ARN of the secret that holds everything needed to connect."""
    group: aws.elasticache.ReplicationGroup
    """The replication group itself."""
    secret: Secret
    """The secret's component, to grant reading it."""

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._name = name
        context = args.context
        tags = context.tags(self.label)
        firewall = Firewall(
            f"{name}-firewall",
            FirewallArgs(
                context=context,
                vpc_id=args.vpc_id,
                description=f"Cache {name}",
                port=PORT,
                sources=args.sources,
                thing=f"{name}cache",
            ),
            self.child(),
        )
        subnets = aws.elasticache.SubnetGroup(
            f"{name}-subnets",
            name=context.name(naming.ELASTICACHE_PARAMETERS, name, "subnets"),
            description=f"Subnets of cache {name}",
            subnet_ids=args.subnet_ids,
            tags=tags,
            opts=self.child(),
        )
        parameters = aws.elasticache.ParameterGroup(
            f"{name}-parameters",
            name=context.name(naming.ELASTICACHE_PARAMETERS, name, "parameters"),
            description=f"Settings of cache {name}",
            family=f"{args.engine}{args.engine_version.split('.')[0]}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
                for key, value in sorted(args.parameters.items())
            ],
            tags=tags,
            opts=self.child(),
        )
        failover = args.nodes > 1 if args.failover is None else args.failover
        # ElastiCache takes 16 to 128 characters and refuses most marks.
        password = Generated(length=64).value(f"{name}-password", self.child())
        self.group = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=context.name(naming.ELASTICACHE_GROUP, name, "cache"),
            description=f"Cache {name}",
            engine=args.engine,
            engine_version=args.engine_version,
            node_type=args.node_type,
            num_cache_clusters=args.nodes,
            automatic_failover_enabled=failover,
            multi_az_enabled=failover,
            port=PORT,
            subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            security_group_ids=[firewall.group_id],
            at_rest_encryption_enabled=True,
            kms_key_id=args.kms_key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode=args.transit_encryption,
            auth_token=password,
            snapshot_retention_limit=args.snapshot_retention,
            snapshot_window=args.snapshot_window if args.snapshot_retention else None,
            maintenance_window=args.maintenance_window,
            # An upgrade is a change of the program, which a preview gets to see first.
            auto_minor_version_upgrade=False,
            apply_immediately=True,
            tags=tags,
            opts=self.child(),
        )
        self._watch(name, args)
        self.secret = Secret(
            f"{name}-credentials",
            SecretArgs(
                context=context,
                thing=name,
                kind="cache",
                description=f"How to connect to cache {name}",
                value=pulumi.Output.json_dumps(
                    {
                        "host": self.group.primary_endpoint_address,
                        "port": self.group.port.apply(lambda port: PORT if port is None else port),
                        "password": password,
                        "tls": args.transit_encryption == "required",
                    }
                ),
                kms_key_arn=args.kms_key_arn,
                recovery_window_days=args.secret_recovery_window_days,
            ),
            self.child(),
        )
        self.address = self.group.primary_endpoint_address
        self.port = self.group.port.apply(lambda port: PORT if port is None else port)
        self.arn = self.group.arn
        self.secret_arn = self.secret.arn
        self.register()

    def connected(self, blocks: Sequence[pulumi.Input[str]]) -> Use:
        """That a service connects to the cache, which lies in `blocks`: its secret, and the way."""
        return Use(
            subject=self._name,
            grants=self.grant_connect(sid("ConnectCache", self._name)),
            addresses=[ToAddresses(blocks=blocks, port=self.port)],
        )

    def grant_connect(self, sid: str) -> list[Grant]:
        """What a service needs to connect: reading the secret. The firewall decides from where."""
        return self.secret.grant_read(sid)

    def _watch(self, name: str, args: CacheArgs) -> None:
        watched = (
            Watched(
                role="evictions",
                metric="Evictions",
                threshold=args.evictions_alarm,
                statistic="Sum",
                description=f"Cache {name} throws entries out to make room for others.",
            ),
            Watched(
                role="memory",
                metric="DatabaseMemoryUsagePercentage",
                threshold=args.memory_alarm,
                description=f"The memory of cache {name} has been nearly full for a quarter of an hour.",
            ),
        )
        for number in range(1, args.nodes + 1):
            # Any node can become the primary; their ids are the group's, with a number that stays.
            node = pulumi.Output.format("{0}-{1}", self.group.replication_group_id, f"{number:03d}")
            watch(
                name,
                watched,
                context=args.context,
                namespace="AWS/ElastiCache",
                dimensions={"CacheClusterId": node},
                actions=args.alarm_actions,
                runbook=args.runbook,
                child=self.child,
                key=f"node{number}",
            )
