"""The summary of `understudy up`: complete as data, and never broken on a terminal."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.environments import summary
from understudy.environments.engine import Result
from understudy.environments.events import Progress, Step
from understudy.environments.outputs import Outputs
from understudy.environments.up import Environment
from understudy.smoke import Reply, SmokeResult

QUEUE = "http://10.202.0.1:23593/123456789012/understudy-feature-x-orders"
SECONDS = {"servers": 1.84, "resources": 26.6, "smoke test": 0.5}


def made(**changes: Any) -> Environment:
    """An environment that is up; `changes` replace its fields."""
    outputs = Outputs(
        environment="feature-x",
        profile="preview",
        region="eu-central-1",
        namespace="understudy-feature-x",
        orders_queue_url=f"{QUEUE}-queue",
        orders_dead_letter_queue_url=f"{QUEUE}-dlq",
        replies_queue_url="http://10.202.0.1:23593/123456789012/understudy-feature-x-replies-queue",
        archive_bucket="example-understudy-feature-x-archive-bucket",
        database_secret_arn="arn:aws:secretsmanager:eu-central-1:123456789012:secret:orders/db-zEYQSa",
        database_address="10.202.0.1",
        database_port=25535,
        cache_secret_arn="arn:aws:secretsmanager:eu-central-1:123456789012:secret:pricing/cache-DMoYBw",
    )
    progress = Progress(
        steps={
            "a": Step("x::feature-x", "pulumi:pulumi:Stack", "create", 0, 26),
            "b": Step("x::orders", "understudy:services:Service", "create", 0, 20),
            "c": Step("x::orders", "kubernetes:apps/v1:Deployment", "create", 0, 10.6),
            "d": Step("x::archive", "aws:s3/bucket:Bucket", "create", 0, 0.2),
        }
    )
    cloud = SimpleNamespace(
        endpoint_url="http://10.202.0.1:23593",
        region="eu-central-1",
        kubeconfig="/x/kubeconfig",
        context="us-1",
    )
    fields: dict[str, Any] = {
        "name": "feature-x",
        "outputs": outputs,
        "update": Result({"create": 94}, 26.6, progress),
        "smoke": SmokeResult(order_id="o-1", reply=Reply({}, {}), object_key="k", seconds={"reply": 0.3}),
        "place": SimpleNamespace(cloud=cloud),
        "rebuilt": False,
    }
    return Environment(**cast("Any", fields | changes))


@given(width=st.integers(min_value=20, max_value=200))
def test_every_address_is_in_one_piece_at_any_width(width: int):
    environment = made()
    lines = summary.render(environment, SECONDS, width).plain.splitlines()
    for place in summary.endpoints(environment).values():
        assert sum(place in line for line in lines) >= 1
    for command, _ in summary.next_commands(environment):
        assert any(command in line for line in lines)


@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_on_usual_terminals(width: int):
    lines = summary.render(made(), SECONDS, width).plain.splitlines()
    assert max(map(len, lines)) <= width


def test_values_stand_beside_their_names_where_there_is_room():
    wide = summary.render(made(), SECONDS, 120).plain
    assert f"  orders queue     {QUEUE}-queue\n" in wide
    assert "# destroy it" in wide
    assert f"  orders queue\n    {QUEUE}-queue\n" in summary.render(made(), SECONDS, 70).plain
    assert "#" not in summary.render(made(), SECONDS, 40).plain


def test_the_longest_changes_are_of_things_that_are_made():
    text = summary.render(made(), SECONDS, 120).plain
    assert "  94 created" in text
    assert "    orders Deployment    10.6 s" in text
    assert "Stack" not in text
    assert "  orders Service" not in text  # a component only waits for its parts
    assert "archive Bucket" not in text  # quick


def test_data_is_complete_and_plain():
    data = json.loads(json.dumps(summary.as_data(made(), SECONDS)))
    assert data["outputs"]["orders_queue_url"] == f"{QUEUE}-queue"
    assert data["cloud"] == {
        "endpointUrl": "http://10.202.0.1:23593",
        "region": "eu-central-1",
        "kubeconfig": "/x/kubeconfig",
        "context": "us-1",
    }
    assert data["changes"] == {"create": 94}
    assert data["seconds"]["resources"] == 26.6
    assert data["slowest"] == [{"name": "orders", "type": "kubernetes:apps/v1:Deployment", "seconds": 10.6}]
    assert data["smoke"] == {"order": "o-1", "seconds": {"reply": 0.3}}


def test_without_a_smoke_test():
    environment = made(smoke=None)
    assert "✓" not in summary.render(environment, {"resources": 1.0}, 80).plain
    assert summary.as_data(environment, {})["smoke"] is None
