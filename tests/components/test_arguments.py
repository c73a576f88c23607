"""Bad arguments are refused by name, in one line."""

from typing import Any

import component_examples as examples
import pytest

from components.access import Grant, partition
from components.checks import InvalidArgument
from components.messaging import QueueArgs
from components.network import FirewallArgs, NetworkArgs
from components.secrets import KeyArgs, SecretArgs
from components.services import NamespaceArgs, Port, ServiceArgs, Size
from components.storage import BucketArgs, CacheArgs, DatabaseArgs
from components.telemetry import AlertsArgs

VALID = dict(examples.EXAMPLES.values())


@pytest.mark.parametrize(
    ("args_type", "field", "value"),
    [
        (AlertsArgs, "emails", ("nobody",)),
        (AlertsArgs, "emails", ("a@b.c\nd",)),
        (BucketArgs, "archive_after", 29),
        (BucketArgs, "expire_after", 90),
        (BucketArgs, "expire_old_versions_after", 0),
        (CacheArgs, "engine_version", "6.2"),
        (CacheArgs, "engine_version", "7.x"),
        (CacheArgs, "nodes", 0),
        (CacheArgs, "nodes", 7),
        (CacheArgs, "transit_encryption", "off"),
        (CacheArgs, "node_type", "db.m7g.large"),
        (DatabaseArgs, "engine_version", "15"),
        (DatabaseArgs, "engine_version", "15.13 "),
        (DatabaseArgs, "storage", 19),
        (DatabaseArgs, "storage", True),
        (DatabaseArgs, "storage_limit", 50),
        (DatabaseArgs, "backup_retention", 0),
        (DatabaseArgs, "instance_class", "large"),
        (FirewallArgs, "port", 0),
        (FirewallArgs, "port", 65536),
        (FirewallArgs, "sources", {"0.0.0.0/0": "0.0.0.0/0"}),
        (KeyArgs, "deletion_window_days", 6),
        (NamespaceArgs, "pod_security", "privileged"),
        (NetworkArgs, "region", "Ireland"),
        (NetworkArgs, "nat", "two"),
        (NetworkArgs, "cidr", "10.0.0.0/8"),
        (NetworkArgs, "zones", ()),
        (QueueArgs, "visibility_timeout", 43_201),
        (QueueArgs, "visibility_timeout", 1.5),
        (QueueArgs, "retention", 59),
        (QueueArgs, "dead_letter_retention", 60),
        (QueueArgs, "receive_wait", 21),
        (QueueArgs, "max_receives", 0),
        (QueueArgs, "oldest_message_alarm", 0),
        (SecretArgs, "recovery_window_days", 6),
        (SecretArgs, "recovery_window_days", 31),
        (ServiceArgs, "image", "understudy.local/orders:latest"),
        (ServiceArgs, "image", "understudy.local/orders@sha256:abc"),
        (ServiceArgs, "language", "cobol"),
        (ServiceArgs, "health_port", "admin"),
        (ServiceArgs, "ports", (Port(name="http", number=8080), Port(name="http", number=8081))),
        (ServiceArgs, "ports", (Port(name="http", number=8080), Port(name="grpc", number=8080))),
        (ServiceArgs, "config", {"lower": "x"}),
        (ServiceArgs, "config", {"A=B": "x"}),
        (ServiceArgs, "replicas", 0),
        (ServiceArgs, "drain", 0),
        (ServiceArgs, "probe_timeout", 20),
        (ServiceArgs, "probe_timeout", 0),
        (ServiceArgs, "stop_delay", 61),
        (ServiceArgs, "uses", "queue"),
        (ServiceArgs, "uses", (examples.uses(), examples.uses())),
        (ServiceArgs, "uses", None),
        (ServiceArgs, "ports", None),
        (ServiceArgs, "config", None),
        (ServiceArgs, "aws_endpoint", "10.0.0.1:5000"),
        (ServiceArgs, "aws_endpoint", 7),
        (ServiceArgs, "aws_blocks", ("10.0.0.1/8",)),
        (ServiceArgs, "aws_blocks", "10.0.0.0/8"),
        (ServiceArgs, "telemetry", "http://collector:4317"),
        (ServiceArgs, "log_retention_days", 2),
    ],
)
def test_a_bad_value_is_named(args_type: type[Any], field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is ") as problem:
        args_type(**{"context": examples.context(), **VALID[args_type](), field: value})
    assert "\n" not in str(problem.value)
    assert ": " in str(problem.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cpu", 0), ("cpu_limit", 1), ("memory", 1), ("memory_limit", 17), ("cpu_limit", 64_001)],
)
def test_a_size_is_checked(field: str, value: int) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Size(**{field: value})


@pytest.mark.parametrize(("field", "value"), [("name", "HTTP"), ("name", "a" * 16), ("number", 80)])
def test_a_port_is_checked(field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Port(**{"name": "http", "number": 8080, field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actions", ("sqs:*",)),
        ("actions", ("*",)),
        ("actions", ()),
        ("resources", ()),
        ("resources", ("*",)),
        ("sid", "a b"),
    ],
)
def test_a_grant_names_actions_and_resources(field: str, value: object) -> None:
    fields: dict[str, Any] = {
        "sid": "Read",
        "actions": ("sqs:ReceiveMessage",),
        "resources": ("arn:aws:sqs",),
    }
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        Grant(**{**fields, field: value})


@pytest.mark.parametrize(
    ("region", "expected"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_partition_follows_the_region(region: str, expected: str) -> None:
    assert partition(region) == expected
