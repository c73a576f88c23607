"""One valid example of every component, as the contract and the unit tests build them."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.access import Grant, PipelineIdentity, Roles, RolesArgs, ToAddresses, ToPods, Use
from components.cluster import Admission, Cluster, ClusterArgs
from components.context import Context
from components.messaging import (
    FanOut,
    FanOutArgs,
    Queue,
    QueueArgs,
    Subscriber,
    Subscription,
    SubscriptionArgs,
    Topic,
    TopicArgs,
)
from components.network import (
    Endpoints,
    EndpointsArgs,
    Firewall,
    FirewallArgs,
    FlowLogs,
    FlowLogsArgs,
    Network,
    NetworkArgs,
)
from components.secrets import Key, KeyArgs, Rotation, RotationArgs, Secret, SecretArgs
from components.services import (
    Backend,
    Gateway,
    GatewayArgs,
    Namespace,
    NamespaceArgs,
    Port,
    Service,
    ServiceArgs,
)
from components.storage import (
    Bucket,
    BucketArgs,
    Cache,
    CacheArgs,
    Database,
    DatabaseArgs,
    DatabaseLogin,
    DatabaseLoginArgs,
    Index,
    Table,
    TableArgs,
)
from components.telemetry import Alarm, AlarmArgs, Alerts, AlertsArgs, LogGroup, LogGroupArgs

IMAGE = "understudy.local/orders@sha256:" + "a" * 64
ACCOUNT = "123456789012"


def context(environment: str = "feature-x", **changes: Any) -> Context:
    """A context like a preview's."""
    fields: dict[str, Any] = {
        "organisation": "example",
        "project": "understudy",
        "environment": environment,
        "profile": "preview",
        "owner": "payments",
        "branch": "feature/x",
        "commit": "0f3c2a",
        "release": "1.4.0",
    }
    return Context(**{**fields, **changes})


def _network() -> dict[str, Any]:
    return {
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "sources": {"private": "10.0.0.0/17"},
    }


def _alarm() -> dict[str, Any]:
    return {
        "owner": "payments",
        "runbook": "docs/runbooks/queues.md",
        "description": "There is a dead letter.",
        "namespace": "AWS/SQS",
        "metric": "ApproximateNumberOfMessagesVisible",
        "threshold": 1,
    }


def _fan_out() -> dict[str, Any]:
    queue = QueueArgs(context=context())
    return {
        "subscribers": {
            "billing": Subscriber(queue=queue, filter={"kind": ["order"]}),
            "search": Subscriber(queue=queue, raw=False),
        }
    }


def _subscription() -> dict[str, Any]:
    place = f"arn:aws:sqs:eu-west-1:{ACCOUNT}"
    return {
        "topic_arn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:orders",
        "queue_arn": f"{place}:orders",
        "dead_letter_arn": f"{place}:dead",
        "filter": {"kind": ["order"]},
    }


def uses(queue: str = "orders") -> Use:
    """What a service that takes its work from a queue uses."""
    arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{queue}"
    read = Grant(sid="Read", actions=("sqs:ReceiveMessage",), resources=[arn])
    database = ToAddresses(blocks=("10.0.160.0/19",), port=5432)
    prices = ToPods(selector={"app": "pricing"}, namespace="understudy-prices", port_name="grpc", port=50051)
    return Use(subject=queue, grants=[read], addresses=[database], pods=[prices], queue=queue)


def _rotation() -> dict[str, Any]:
    return {
        "account_id": ACCOUNT,
        "admin_secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:admin-AbCdEf",
        "code": pulumi.AssetArchive({"rotation/handler.py": pulumi.StringAsset("def handle(*_): pass")}),
        "database_security_group_id": "sg-database",
        "subnet_ids": ["subnet-1", "subnet-2"],
        "vpc_id": "vpc-1",
    }


EXAMPLES: Mapping[type[Any], tuple[type[Any], Callable[[], dict[str, Any]]]] = {
    Alarm: (AlarmArgs, _alarm),
    Alerts: (AlertsArgs, lambda: {"emails": ("ops@example.com",)}),
    Bucket: (BucketArgs, lambda: {"archive_after": 90, "expire_after": 365}),
    Cache: (CacheArgs, _network),
    Cluster: (
        ClusterArgs,
        lambda: {
            "region": "eu-west-1",
            "subnet_ids": ["subnet-1", "subnet-2"],
            "admissions": {"ci": Admission(role_arn=f"arn:aws:iam::{ACCOUNT}:role/ci", groups=("ci",))},
        },
    ),
    Database: (DatabaseArgs, _network),
    DatabaseLogin: (
        DatabaseLoginArgs,
        lambda: {**_rotation(), "address": "db.example", "database_port": 5432, "database_name": "orders"},
    ),
    Endpoints: (
        EndpointsArgs,
        lambda: {"region": "eu-west-1", **_network()},
    ),
    FanOut: (FanOutArgs, _fan_out),
    Firewall: (
        FirewallArgs,
        lambda: {
            "vpc_id": "vpc-1",
            "description": "Orders",
            "port": 5432,
            "sources": {"private": "10.0.0.0/17"},
        },
    ),
    FlowLogs: (FlowLogsArgs, lambda: {"vpc_id": "vpc-1"}),
    Gateway: (
        GatewayArgs,
        lambda: {
            "namespace": "understudy-feature-x",
            "domain": "example.com",
            "zone_id": "Z123",
            "routes": {"/": Backend(service="shop", selector={"app": "shop"}, port=8080)},
            "sources": ("10.0.128.0/19",),
            "address": "lb-1.eu-west-1.elb.amazonaws.com",
        },
    ),
    Key: (KeyArgs, lambda: {"account_id": ACCOUNT}),
    LogGroup: (LogGroupArgs, dict),
    Namespace: (NamespaceArgs, dict),
    Network: (NetworkArgs, lambda: {"region": "eu-west-1"}),
    Queue: (QueueArgs, dict),
    Roles: (
        RolesArgs,
        lambda: {
            "account_id": ACCOUNT,
            "region": "eu-west-1",
            "namespace": "understudy-feature-x",
            "principals": {"developer": (f"arn:aws:iam::{ACCOUNT}:role/ada",)},
            "pipeline": PipelineIdentity(issuer="token.example.com", subject="repo:example/shop:ref:x"),
        },
    ),
    Rotation: (
        RotationArgs,
        lambda: {
            **_rotation(),
            "secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf",
        },
    ),
    Secret: (SecretArgs, lambda: {"value": "swordfish", "description": "Opens the door"}),
    Subscription: (SubscriptionArgs, _subscription),
    Table: (
        TableArgs,
        lambda: {
            "hash_key": "customer",
            "range_key": "created",
            "types": {"created": "N"},
            "indexes": {"by-state": Index(hash_key="state", attributes=("total",))},
            "ttl_attribute": "expires",
        },
    ),
    Topic: (TopicArgs, dict),
    Service: (
        ServiceArgs,
        lambda: {
            "namespace": "understudy-feature-x",
            "language": "go",
            "image": IMAGE,
            "account_id": ACCOUNT,
            "issuer": "oidc.example.com/cluster",
            "ports": (Port(name="grpc", number=50051), Port(name="http", number=8080, exposed=False)),
            "config": {"ORDERS_QUEUE_URL": "https://sqs/orders"},
            "uses": (uses(),),
        },
    ),
}
"""Each component with its arguments' class and what those need besides the context."""


def make(
    component: type[Any],
    name: str = "orders",
    environment: str = "feature-x",
    opts: pulumi.ResourceOptions | None = None,
    **changes: Any,
) -> Any:
    """Build a component from its example; `changes` are arguments that differ."""
    args_type, fields = EXAMPLES[component]
    arguments = {"context": context(environment), **fields(), **changes}
    return component(name, args_type(**arguments), opts)
