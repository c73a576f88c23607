"""A canary of the Rust service: a broken version is aborted, a good one promoted, and no order fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from environment_cloud import Cloud
from environment_images import Versions
from environment_orders import Orders, Stream

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(900)]


def _canary(image: str) -> str:
    release = {"strategy": "canary", "candidate": image, "steps": [50], "ready_within": 20}
    return json.dumps({"pricing": release})


def _deployments(cloud: Cloud, stack: str) -> dict[str, Any]:
    """The Deployments of the Rust service that the engine knows, by name, with the image of each."""
    found = (
        each["outputs"]
        for each in cloud.state(stack)["resources"]
        if each["type"] == "kubernetes:apps/v1:Deployment" and each.get("outputs")
    )
    images = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"]["containers"][0]["image"] for each in found
    }
    return {name: image for name, image in images.items() if name.startswith("pricing")}


def _all_answered(orders: Orders, sent: list[str]) -> None:
    assert len(sent) >= Stream.LEAST
    assert orders.replies(set(sent), 60) == dict.fromkeys(sent, 1)
    assert all(orders.rows(order) == 1 for order in sent)
    assert orders.dead_letters() == 0


def test_a_broken_canary_is_aborted_and_a_good_one_promoted(
    cloud: Cloud, new_name: Callable[[str], str], tmp_path: Path
):
    stack = new_name("canary")
    assert cloud.up(stack)["smoke"]["order"]
    cloud.hold_commit(stack)
    versions = Versions(cloud, "pricing", tmp_path)
    orders = Orders(cloud, stack)
    before = _deployments(cloud, stack)
    assert list(before.values()) == [versions.serving]

    # The broken version never becomes ready: the update fails and says why, the old one serves.
    stream = Stream(orders)
    stream.start()
    cloud.configure(stack, releases=_canary(versions.broken()))
    failed = cloud.pulumi("up", "--yes", "--skip-preview", "--stack", stack)
    assert failed.code != 0
    assert "pricing-candidate" in failed.out + failed.err
    assert "/missing" in failed.out + failed.err
    assert _deployments(cloud, stack)["pricing"] == versions.serving

    # Abort: the candidate goes, and nothing else has changed.
    cloud.configure(stack, releases="{}")
    cloud.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    _all_answered(orders, stream.end())
    assert _deployments(cloud, stack) == before

    # A good version takes its share of the orders, then all of them.
    good = versions.good()
    stream = Stream(orders)
    stream.start()
    cloud.configure(stack, releases=_canary(good))
    cloud.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    assert _deployments(cloud, stack) == {"pricing": versions.serving, "pricing-candidate": good}
    cloud.configure(stack, releases="{}", images=json.dumps({**versions.images, "pricing": good}))
    cloud.pulumi("up", "--yes", "--skip-preview", "--stack", stack).ok()
    _all_answered(orders, stream.end())
    assert _deployments(cloud, stack) == {"pricing": good}

    cloud.understudy("down", stack).ok()
    assert cloud.traces(stack) == []
