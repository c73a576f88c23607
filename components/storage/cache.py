"""A Redis cache on ElastiCache."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import Grant
from components.checks import check, check_choice, check_match, check_range
from components.component import Component
from components.context import Context
from components.network import Firewall, FirewallArgs
from components.secrets import Generated, Secret, SecretArgs

PORT = 6379


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    """Arguments of `Cache`. Times are in days.

    Raises:
        InvalidArgument: a version that is not exact, a number out of range, or a standby without a replica.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    """VPC to live in."""
    subnet_ids: pulumi.Input[list[str]]
    """Subnets without a way to the internet."""
    sources: Mapping[str, pulumi.Input[str]]
    """Who may connect: a stable key, and an IPv4 block."""
    engine_version: str = "7.1"
    """Version of Redis; ElastiCache names Redis 7 by two numbers and picks the patch."""
    node_type: str = "cache.m7g.large"
    """Size of each node."""
    nodes: int = 2
    """Nodes, 1 to 6: the primary and its replicas. With two or more, a replica takes over by itself."""
    transit_encryption: str = "required"
    """TLS: `required`, or `preferred` to let clients without it in as well."""
    snapshot_retention: int = 7
    """Days that snapshots are kept, 0 (no snapshots) to 35."""
    kms_key_arn: pulumi.Input[str] | None = None
    """Key that encrypts the data at rest and the secret; the account's own keys when absent."""
    secret_recovery_window_days: int = 30
    """Days that the deleted secret can be restored, 7 to 30, or 0."""
    parameters: Mapping[str, str] = field(default_factory=lambda: {"maxmemory-policy": "allkeys-lru"})
    """Settings of Redis that differ from ElastiCache's own."""

    def __post_init__(self) -> None:
        check_match("engine_version", self.engine_version, r"7\.\d", "use an exact version such as 7.1")
        check_match("node_type", self.node_type, r"cache\.[a-z0-9]+\.[a-z0-9]+", "use cache.m7g.large, say")
        check_range("nodes", self.nodes, 1, 6, "nodes")
        check_choice("transit_encryption", self.transit_encryption, ("required", "preferred"))
        check_range("snapshot_retention", self.snapshot_retention, 0, 35, "days")
        micro = self.node_type.startswith("cache.t1.") and self.snapshot_retention > 0
        check(not micro, "snapshot_retention", self.snapshot_retention, "use 0 for a cache.t1 node")


class Cache(Component):
    """A Redis replication group with a password and TLS, and the password in Secrets Manager only.

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
            family=f"redis{args.engine_version.split('.')[0]}",
            parameters=[
                aws.elasticache.ParameterGroupParameterArgs(name=key, value=value)
                for key, value in sorted(args.parameters.items())
            ],
            tags=tags,
            opts=self.child(),
        )
        # ElastiCache takes 16 to 128 characters and refuses most marks.
        password = Generated(length=64).value(f"{name}-password", self.child())
        self.group = aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=context.name(naming.ELASTICACHE_GROUP, name, "cache"),
            description=f"Cache {name}",
            engine="redis",
            engine_version=args.engine_version,
            node_type=args.node_type,
            num_cache_clusters=args.nodes,
            automatic_failover_enabled=args.nodes > 1,
            multi_az_enabled=args.nodes > 1,
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
            apply_immediately=True,
            tags=tags,
            opts=self.child(),
        )
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

    def grant_connect(self, sid: str) -> list[Grant]:
        """What a service needs to connect: reading the secret. The firewall decides from where."""
        return self.secret.grant_read(sid)
