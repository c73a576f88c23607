"""Profiles: production as the base, and what the others change, with who answers for it and why.

A profile is data. Each difference names the field of production that it changes, the reason, the owner and
the day until which it was accepted. One stack may differ further, by `understudy:overrides` in its
configuration, which are differences of the same form. There is no other way to change a field.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal

from components.access import Role
from components.network import ENDPOINTS
from components.services import Size

ProfileName = Literal["production", "staging", "development", "preview"]
NatMode = Literal["zone", "single", "none"]


@dataclass(frozen=True)
class Unit:
    """The unit of a number, and the numbers that make sense."""

    name: str
    low: int
    high: int


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Everything that may differ between environments; the blueprint takes the rest for granted."""

    cidr: str
    """IPv4 block of the network."""
    zones: tuple[str, ...]
    """Letters of the availability zones."""
    nat: NatMode
    """NAT gateways: one per zone, a single one, or none."""
    endpoints: tuple[str, ...]
    """AWS services that workloads reach without the internet."""
    flow_log_days: Annotated[int | None, Unit("days", 1, 3653)]
    """How long the record of all traffic of the network is kept; none: no record is made."""
    roles: tuple[Role, ...]
    """Roles of people and of the pipeline."""
    developers_debug: bool
    """Whether developers may reach into pods, messages and secrets."""
    customer_key: bool
    """Whether the environment encrypts with a KMS key of its own."""
    protect: bool
    """Whether data is protected from deletion, by the engine and by AWS."""
    keep_data: bool
    """Whether deleted data can be had back: final snapshots, backups, recovery windows."""
    ttl_hours: Annotated[int | None, Unit("hours", 1, 24 * 30)]
    """How long the environment lives unless it is extended; none: until it is destroyed."""
    database_class: str
    """Machine of the database."""
    database_storage: Annotated[int, Unit("GiB", 20, 65_536)]
    """Disk of the database."""
    database_multi_zone: bool
    """Whether a standby in another zone takes over."""
    database_backup_days: Annotated[int, Unit("days", 0, 35)]
    """How long the database's backups are kept."""
    cache_node: str
    """Machine of each node of the cache."""
    cache_nodes: Annotated[int, Unit("nodes", 1, 6)]
    """The cache's primary and its replicas; with two or more, a replica in another zone takes over."""
    cache_snapshot_days: Annotated[int, Unit("days", 0, 35)]
    """How long the cache's snapshots are kept."""
    cache_tls: Literal["required", "preferred"]
    """Whether the cache lets clients in without TLS."""
    queue_visibility: Annotated[int, Unit("seconds", 0, 43_200)]
    """How long a received message stays hidden from others."""
    queue_retention: Annotated[int, Unit("seconds", 60, 14 * 86_400)]
    """How long a message is kept."""
    secret_recovery_days: Annotated[int, Unit("days", 0, 30)]
    """How long a deleted secret can be restored."""
    rotation_days: Annotated[int, Unit("days", 1, 1000)]
    """How often the database's password changes."""
    replicas: Annotated[int, Unit("replicas", 1, 100)]
    """Pods of each service."""
    orders_size: Size
    """What a pod of orders gets."""
    pricing_size: Size
    """What a pod of pricing gets."""
    log_days: Annotated[int, Unit("days", 1, 3653)]
    """How long logs are kept."""
    drain: Annotated[int, Unit("seconds", 1, 300)]
    """How long a service has to finish its work."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One accepted difference from production."""

    field: str
    """Field of `Profile`."""
    value: Any
    reason: str
    owner: str
    expires: str
    """Last day, ISO 8601, on which the difference is accepted without being looked at again."""


PRODUCTION = Profile(
    cidr="10.0.0.0/16",
    zones=("a", "b", "c"),
    nat="zone",
    endpoints=ENDPOINTS,
    flow_log_days=90,
    roles=("developer", "on-call", "ci"),
    developers_debug=False,
    customer_key=True,
    protect=True,
    keep_data=True,
    ttl_hours=None,
    database_class="db.m7g.large",
    database_storage=100,
    database_multi_zone=True,
    database_backup_days=30,
    cache_node="cache.m7g.large",
    cache_nodes=3,
    cache_snapshot_days=7,
    cache_tls="required",
    queue_visibility=60,
    queue_retention=4 * 86_400,
    secret_recovery_days=30,
    rotation_days=30,
    replicas=3,
    orders_size=Size(cpu=250, cpu_limit=1000, memory=128, memory_limit=256),
    pricing_size=Size(cpu=250, cpu_limit=1000, memory=64, memory_limit=128),
    log_days=365,
    drain=20,
)

_LAST_DAY = "2027-12-31"


def _cost(field: str, value: Any, reason: str) -> Difference:
    return Difference(field=field, value=value, reason=reason, owner="platform", expires=_LAST_DAY)


_SMALL = (
    _cost("nat", "single", "one gateway carries the traffic; losing a zone is no emergency here"),
    _cost("endpoints", ("s3",), "the others cost by the hour and zone; test traffic may take the NAT"),
    _cost("flow_log_days", 14, "nobody looks into older traffic of a test"),
    _cost("database_multi_zone", False, "an outage of a zone may wait for office hours"),
    _cost("database_class", "db.t4g.medium", "test load needs no production machine"),
    _cost("database_storage", 20, "test data is small"),
    _cost("cache_node", "cache.t4g.small", "test load needs no production machine"),
    _cost("log_days", 14, "nobody reads older logs of a test"),
    _cost("developers_debug", True, "holds no data of customers; a failed test is looked into here"),
)

_SHORT_LIVED = (
    *_SMALL,
    _cost("zones", ("a", "b"), "two zones show what more than one means, and are up sooner than three"),
    _cost("flow_log_days", None, "generated traffic tells nothing about an intruder"),
    _cost("roles", ("developer", "ci"), "nobody is on call for what serves no customer"),
    _cost("customer_key", False, "a deleted KMS key stays for a week at least, so a teardown would leave it"),
    _cost("protect", False, "made to be destroyed"),
    _cost("keep_data", False, "a teardown leaves nothing behind: no snapshot, no backup"),
    _cost("database_backup_days", 0, "holds generated data only"),
    _cost("cache_nodes", 1, "a lost cache is filled again"),
    _cost("cache_snapshot_days", 0, "a lost cache is filled again"),
    _cost("cache_tls", "preferred", "clients inside of the test network are let in without TLS"),
    _cost("secret_recovery_days", 0, "the same names must be free again after a teardown"),
    _cost("replicas", 1, "availability is not what is tested here"),
    _cost("orders_size", Size(cpu=50, memory=32, memory_limit=256), "many previews share a node"),
    _cost("pricing_size", Size(cpu=50, memory=32, memory_limit=128), "many previews share a node"),
    _cost("log_days", 3, "lives for days"),
    _cost("drain", 5, "short queues are drained quickly"),
)

OVERLAYS: dict[ProfileName, tuple[Difference, ...]] = {
    "production": (),
    "staging": (
        *_SMALL,
        _cost("cidr", "10.1.0.0/16", "must not overlap with production, which it is peered with"),
        _cost("protect", False, "is rebuilt from time to time to prove that it can be"),
        _cost("cache_nodes", 2, "one replica shows failover as well as two"),
        _cost("replicas", 2, "two show what runs side by side"),
        _cost("database_backup_days", 7, "a week is enough to look into a failed test"),
    ),
    "development": (
        *_SHORT_LIVED,
        _cost("cidr", "10.2.0.0/16", "must not overlap with production"),
    ),
    "preview": (
        *_SHORT_LIVED,
        _cost("cidr", "10.64.0.0/16", "must not overlap with production; previews never meet each other"),
        _cost("ttl_hours", 72, "a branch that nobody works on for three days needs no environment"),
    ),
}
"""What each profile changes of production. A later difference in a field replaces an earlier one."""


def profile_of(stack: str) -> ProfileName:
    """The profile that a stack's name stands for: its own, or `preview`."""
    return stack if stack in OVERLAYS else "preview"


def differences(name: ProfileName, own: Iterable[Difference] = ()) -> tuple[Difference, ...]:
    """The differences of a profile from production, one for each field, in the order of the fields.

    `own` are those of one stack, which go before the profile's.
    """
    last = {difference.field: difference for difference in (*OVERLAYS[name], *own)}
    return tuple(last[field.name] for field in fields(Profile) if field.name in last)


def resolve(name: ProfileName, own: Iterable[Difference] = ()) -> Profile:
    """The settings of a profile: production's, with its differences.

    Raises:
        KeyError: there is no such profile.
    """
    changes = {difference.field: difference.value for difference in differences(name, own)}
    return replace(PRODUCTION, **changes)
