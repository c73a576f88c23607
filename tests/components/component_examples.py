"""One valid example of every component, as the contract and the unit tests build them."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.access import Grant
from components.context import Context
from components.messaging import Queue, QueueArgs
from components.network import Firewall, FirewallArgs, Network, NetworkArgs
from components.secrets import Key, KeyArgs, Rotation, RotationArgs, Secret, SecretArgs
from components.services import Namespace, NamespaceArgs, Port, Service, ServiceArgs
from components.storage import (
    Bucket,
    BucketArgs,
    Cache,
    CacheArgs,
    Database,
    DatabaseArgs,
    DatabaseLogin,
    DatabaseLoginArgs,
)
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
    Alerts: (AlertsArgs, lambda: {"emails": ("ops@example.com",)}),
    Bucket: (BucketArgs, lambda: {"archive_after": 90, "expire_after": 365}),
    Cache: (CacheArgs, _network),
    Database: (DatabaseArgs, _network),
    DatabaseLogin: (
        DatabaseLoginArgs,
        lambda: {**_rotation(), "address": "db.example", "database_port": 5432, "database_name": "orders"},
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
    Key: (KeyArgs, lambda: {"account_id": ACCOUNT}),
    Namespace: (NamespaceArgs, dict),
    Network: (NetworkArgs, lambda: {"region": "eu-west-1"}),
    Queue: (QueueArgs, dict),
    Rotation: (
        RotationArgs,
        lambda: {
            **_rotation(),
            "secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:s-AbCdEf",
        },
    ),
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
