"""The life of an environment: up, orders, no change, drift, update, replacement, destroy, nothing left."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from environment_cloud import Cloud
from environment_inventory import Inventory, api, difference, inventory, servers, undeclared
from environment_orders import Orders, new_order
from kubernetes import client as kube

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]


@dataclass
class Story:
    """The environment that the tests share, and what there was before it."""

    cloud: Cloud
    name: str
    before: Inventory
    summary: dict[str, Any]

    @property
    def namespace(self) -> str:
        return self.cloud.outputs(self.name)["namespace"]

    def ensure_up(self) -> None:
        """Bring it up if it is not there; the tests may come in any order."""
        if not self.summary:
            self.summary = self.cloud.up(self.name)
            self.cloud.hold_commit(self.name)


@pytest.fixture(scope="module")
def told(cloud: Cloud, new_name: Callable[[str], str]) -> Story:
    return Story(cloud, new_name("story"), inventory(cloud), {})


@pytest.fixture
def story(told: Story) -> Story:
    told.ensure_up()
    return told


def test_a_new_environment_comes_up_and_takes_an_order(story: Story):
    assert story.summary["changes"]["create"] > 80
    assert set(story.summary["changes"]) == {"create"}
    assert story.summary["smoke"]["order"]
    assert undeclared(story.cloud, story.name, story.before) == []
    orders = Orders(story.cloud, story.name)
    assert orders.rows(story.summary["smoke"]["order"]) == 1
    assert orders.objects(story.summary["smoke"]["order"]) == 1


def test_an_order_is_stored_archived_and_answered_and_its_duplicate_changes_nothing(story: Story):
    orders, order = Orders(story.cloud, story.name), new_order()
    orders.send(order)
    assert orders.replies({order["order_id"]}, 30) == {order["order_id"]: 1}
    orders.send(order)
    orders.send(order)
    orders.await_empty()
    assert orders.replies({"another"}, 3) == {}
    assert orders.rows(order["order_id"]) == 1
    assert orders.objects(order["order_id"]) == 1


@pytest.mark.parametrize("body", ["no order at all {}", '{{"order_id": "e2e-{}", "lines": []}}'])
def test_a_malformed_order_ends_in_the_dead_letter_queue_with_its_reason(story: Story, body: str):
    orders, body = Orders(story.cloud, story.name), body.format(uuid.uuid4().hex)
    orders.send(body)
    attributes = orders.dead_letter(body, 30)
    assert len(attributes["reason"]) > 10
    assert attributes["source"] == orders.outputs["orders_queue_url"]


def test_pods_hold_no_credential(story: Story):
    orders = Orders(story.cloud, story.name)
    passwords = {orders.secret(kind)["password"] for kind in ("database", "cache")}
    assert all(len(password) >= 16 for password in passwords)
    with api(story.cloud) as client:
        core, place = kube.CoreV1Api(client), story.namespace
        listed = [
            kube.AppsV1Api(client).list_namespaced_deployment(place),
            core.list_namespaced_pod(place),
            core.list_namespaced_config_map(place),
            core.list_namespaced_secret(place),
            core.list_namespaced_event(place),
        ]
        logs = [
            core.read_namespaced_pod_log(pod.metadata.name or "", place)
            for pod in core.list_namespaced_pod(place).items
            if pod.metadata
        ]
        text = json.dumps(client.sanitize_for_serialization(listed)) + "\n".join(logs)
    assert "pricing" in text
    for credential in (*passwords, "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        assert credential not in text
    state = json.dumps(story.cloud.state(story.name))
    assert not any(password in state for password in passwords)


def test_a_second_up_changes_nothing(story: Story):
    assert set(story.cloud.up(story.name)["changes"]) == {"same"}
    story.cloud.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", story.name).ok()


def test_drift_made_by_hand_is_seen_and_healed(story: Story):
    cloud = story.cloud
    queue = cloud.outputs(story.name)["orders_queue_url"]
    state = {each["urn"].rsplit("::", 1)[-1]: each for each in cloud.state(story.name)["resources"]}
    sqs, ec2, watch = (cloud.client(service) for service in ("sqs", "ec2", "cloudwatch"))
    vpc, alarm = state["network"]["id"], state["replies-oldest-alarm"]["id"]

    def visibility() -> str:
        answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["VisibilityTimeout"])
        return answer["Attributes"]["VisibilityTimeout"]

    def owner() -> str:
        (found,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        return next(tag["Value"] for tag in found["Tags"] if tag["Key"] == "owner")

    before = visibility(), owner()
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "7"})
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "owner", "Value": "somebody-else"}])
    watch.delete_alarms(AlarmNames=[alarm])
    with api(cloud) as client:
        apps = kube.AppsV1Api(client)
        apps.patch_namespaced_deployment("pricing", story.namespace, {"spec": {"replicas": 3}})

        seen = cloud.pulumi("preview", "--refresh", "--diff", "--stack", story.name).ok().out
        for trace in ("visibilityTimeoutSeconds", "somebody-else", "replicas", "replies-oldest"):
            assert trace in seen
        assert visibility() == "7"  # a preview touches nothing
        refreshed = cloud.pulumi("refresh", "--yes", "--skip-preview", "--stack", story.name).ok().out
        assert "3 updated" in refreshed
        assert "1 deleted" in refreshed

        changes = cloud.up(story.name)["changes"]
        assert (changes["update"], changes["create"]) == (3, 1)
        assert set(changes) == {"update", "create", "same"}
        assert (visibility(), owner()) == before
        assert len(watch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]) == 1
        assert apps.read_namespaced_deployment("pricing", story.namespace).spec.replicas == 1
    cloud.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", story.name).ok()


def test_an_update_in_place_keeps_what_is_there(story: Story):
    cloud, order = story.cloud, new_order()
    orders = Orders(cloud, story.name)
    orders.send(order)
    orders.replies({order["order_id"]}, 30)
    ids = {each["urn"]: each.get("id") for each in cloud.state(story.name)["resources"]}

    release = f"r{uuid.uuid4().hex[:6]}"
    cloud.configure(story.name, release=release)
    changes = cloud.up(story.name)["changes"]
    assert changes["update"] > 40
    assert "delete" not in changes

    after = {each["urn"]: each.get("id") for each in cloud.state(story.name)["resources"]}
    moved = {urn.split("::")[2].rsplit("$", 1)[-1] for urn in ids if ids[urn] != after[urn]}
    assert moved <= {"kubernetes:core/v1:ConfigMap"}  # named by their content
    with api(cloud) as client:
        for name in ("orders", "pricing"):
            found = kube.AppsV1Api(client).read_namespaced_deployment(name, story.namespace).to_dict()
            assert found["spec"]["template"]["metadata"]["labels"]["understudy.dev/release"] == release
    assert orders.rows(order["order_id"]) == 1
    assert undeclared(cloud, story.name, story.before) == []


def test_a_change_that_forces_it_replaces_the_bucket_and_leaves_no_old_one(story: Story):
    cloud = story.cloud
    before = cloud.outputs(story.name)["archive_bucket"]
    cloud.configure(story.name, organisation=f"org{uuid.uuid4().hex[:4]}")
    planned = cloud.pulumi("preview", "--diff", "--stack", story.name).ok().out
    assert "aws:s3/bucket:Bucket: (replace)" in planned
    assert "aws:rds/instance:Instance: (replace)" not in planned
    assert cloud.up(story.name)["smoke"]["order"]
    after = cloud.outputs(story.name)["archive_bucket"]
    assert after != before
    found = {each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]}
    assert after in found
    assert before not in found
    assert undeclared(cloud, story.name, story.before) == []


def test_a_destroyed_environment_leaves_nothing(story: Story):
    cloud, name = story.cloud, story.name
    assert servers(cloud, name)
    cloud.pulumi("destroy", "--yes", "--skip-preview", "--stack", name).ok()
    assert cloud.state(name).get("resources", []) == []
    cloud.understudy("down", name).ok()
    story.summary = {}
    assert difference(story.before, inventory(cloud)) == {}
    assert servers(cloud, name) == []
    assert cloud.traces(name) == []
    gone = cloud.pulumi("stack", "export", "--stack", name)
    assert gone.code != 0
    assert cloud.understudy("down", name).code == 2
