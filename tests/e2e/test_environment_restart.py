"""The local cloud stopped and started: what AWS forgot is noticed and made again, the database is kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from environment_cloud import Cloud
from environment_inventory import aws, cluster, difference, inventory, undeclared
from environment_orders import Orders, new_order

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]


def test_an_environment_survives_a_restart_of_the_local_cloud(cloud: Cloud, new_name: Callable[[str], str]):
    cluster_before, name = cluster(cloud), new_name("again")
    cloud.up(name, "--no-smoke")
    orders, order = Orders(cloud, name), new_order()
    orders.send(order)
    assert orders.replies({order["order_id"]}, 30) == {order["order_id"]: 1}
    generation = cloud.description()["generation"]

    cloud.understudy("local", "down").ok()
    refused = cloud.understudy("env")
    assert refused.code == 2
    assert "local up" in refused.err
    started = cloud.bring_up()
    assert started.data()["awsRestarted"] is True
    assert "knows nothing of what was deployed before" in started.err
    assert cloud.description()["generation"] != generation
    before = aws(cloud) | cluster_before
    assert not before["queue"]

    ran = cloud.understudy("up", name, "--json").ok()
    assert "AWS was started anew" in ran.err
    summary = ran.data()
    assert summary["rebuilt"] is True
    assert summary["smoke"]["order"]
    rebuilt = Orders(cloud, name)
    assert rebuilt.rows(order["order_id"]) == 1
    assert undeclared(cloud, name, before) == []

    cloud.hold_commit(name)
    again = cloud.up(name)
    assert set(again["changes"]) == {"same"}
    assert again["rebuilt"] is False

    cloud.understudy("down", name).ok()
    assert difference(before, inventory(cloud)) == {}
    assert cloud.traces(name) == []


def test_an_environment_is_destroyed_although_aws_forgot_it(cloud: Cloud, new_name: Callable[[str], str]):
    cluster_before, name = cluster(cloud), new_name("gone")
    cloud.up(name, "--no-smoke")
    cloud.understudy("local", "down").ok()
    cloud.bring_up()
    before = aws(cloud) | cluster_before
    cloud.understudy("down", name).ok()
    assert cloud.traces(name) == []
    assert difference(before, inventory(cloud)) == {}
