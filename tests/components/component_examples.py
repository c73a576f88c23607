"""One valid example of every component, as the contract and the unit tests build them."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.access import Grant
from components.cluster import Admission, Cluster, ClusterArgs
from components.context import Context
from components.messaging import Queue, QueueArgs
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
from components.secrets import Key, KeyArgs, Secret, SecretArgs
from components.services import Namespace, NamespaceArgs, Port, Service, ServiceArgs
from components.storage import Bucket, BucketArgs, Cache, CacheArgs, Database, DatabaseArgs
from components.telemetry import Alerts, AlertsArgs

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


EXAMPLES: Mapping[type[Any], tuple[type[Any], Callable[[], dict[str, Any]]]] = {
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
    Endpoints: (
        EndpointsArgs,
        lambda: {"region": "eu-west-1", **_network()},
    ),
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
    Key: (KeyArgs, lambda: {"account_id": ACCOUNT}),
    Namespace: (NamespaceArgs, dict),
    Network: (NetworkArgs, lambda: {"region": "eu-west-1"}),
    Queue: (QueueArgs, dict),
    Secret: (SecretArgs, lambda: {"value": "swordfish", "description": "Opens the door"}),
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
            "grants": [
                Grant(sid="Read", actions=("sqs:ReceiveMessage",), resources=["arn:aws:sqs:::orders"])
            ],
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
