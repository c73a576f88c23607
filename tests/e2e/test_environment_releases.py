"""Releases of the Rust service: a broken version is aborted, a good one promoted, and no order fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from environment_cloud import Cloud, Ran
from environment_images import Versions
from environment_inventory import api
from environment_orders import Orders, Stream
from kubernetes import client as kube

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]


def _canary(image: str) -> str:
    release = {"strategy": "canary", "candidate": image, "steps": [50], "ready_within": 20}
    return json.dumps({"pricing": release})


def _blue_green(candidate: str | None = None) -> str:
    release: dict[str, Any] = {"strategy": "blue-green", "ready_within": 20}
    return json.dumps({"pricing": release if candidate is None else {**release, "candidate": candidate}})


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


def _images(versions: Versions, pricing: str) -> str:
    return json.dumps({**versions.images, "pricing": pricing})


def _objects(cloud: Cloud, stack: str, kind: str) -> list[dict[str, Any]]:
    """The pods or services of the Rust service, as the cluster tells of them."""
    client = api(cloud)
    ask = getattr(kube.CoreV1Api(client), f"list_namespaced_{kind}")
    items = ask(cloud.outputs(stack)["namespace"], label_selector="app.kubernetes.io/name=pricing").items
    plain: Any = client.sanitize_for_serialization(items)
    return plain


def _pods(cloud: Cloud, stack: str) -> list[dict[str, Any]]:
    """Name, image, restarts and labels of each pod that is not about to end, in order."""
    found = [
        {
            "name": pod["metadata"]["name"],
            "image": pod["spec"]["containers"][0]["image"],
            "labels": pod["metadata"]["labels"],
            "restarts": pod["status"]["containerStatuses"][0]["restartCount"],
        }
        for pod in _objects(cloud, stack, "pod")
        if "deletionTimestamp" not in pod["metadata"]
    ]
    return sorted(found, key=lambda pod: pod["name"])


def _serving(cloud: Cloud, stack: str) -> str:
    """The image of the pods that the Service leads to."""
    (service,) = _objects(cloud, stack, "service")
    selector = service["spec"]["selector"].items()
    (image,) = {pod["image"] for pod in _pods(cloud, stack) if selector <= pod["labels"].items()}
    return image


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


def test_colours_are_switched_and_switched_back(cloud: Cloud, new_name: Callable[[str], str], tmp_path: Path):
    stack = new_name("colours")
    assert cloud.up(stack)["smoke"]["order"]
    cloud.hold_commit(stack)
    versions = Versions(cloud, "pricing", tmp_path)
    orders = Orders(cloud, stack)
    stream = Stream(orders)
    stream.start()

    def up() -> Ran:
        return cloud.pulumi("up", "--yes", "--skip-preview", "--stack", stack)

    # From one Deployment to one for each colour; a broken colour keeps the update from ending well.
    cloud.configure(stack, releases=_blue_green())
    up().ok()
    cloud.configure(stack, releases=_blue_green(versions.broken()))
    assert up().code != 0

    # Both stand; the switch and the way back touch neither's pods.
    good = versions.good()
    cloud.configure(stack, releases=_blue_green(good))
    up().ok()
    both = _pods(cloud, stack)
    assert {one["image"] for one in both} == {versions.serving, good}
    assert _serving(cloud, stack) == versions.serving
    cloud.configure(stack, releases=_blue_green(versions.serving), images=_images(versions, good))
    up().ok()
    assert _serving(cloud, stack) == good
    cloud.configure(stack, releases=_blue_green(good), images=_images(versions, versions.serving))
    up().ok()
    assert _serving(cloud, stack) == versions.serving
    assert _pods(cloud, stack) == both
    _all_answered(orders, stream.end())

    cloud.understudy("down", stack).ok()
    assert cloud.traces(stack) == []
