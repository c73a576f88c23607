"""Two environments on one local cloud: up at once, one destroyed while the other takes orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from environment_cloud import Cloud, ended
from environment_inventory import FOLLOWERS, Inventory, difference, inventory, servers, undeclared
from environment_orders import Orders, Stream, new_order

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]


def _properties(cloud: Cloud, stack: str) -> dict[str, Any]:
    return {each["urn"]: each.get("outputs") for each in cloud.state(stack)["resources"]}


def test_two_at_once_and_one_destroyed_while_the_other_takes_orders(
    cloud: Cloud, new_name: Callable[[str], str]
):
    before: Inventory = inventory(cloud)
    stays, goes = new_name("stays"), new_name("goes")
    both = {name: cloud.start("up", name, "--json") for name in (stays, goes)}
    for process in both.values():
        assert ended(process).data()["smoke"]["order"]
    cloud.hold_commit(stays)

    theirs = {name: Orders(cloud, name) for name in both}
    for name, orders in theirs.items():
        order = new_order()
        orders.send(order)
        assert orders.replies({order["order_id"]}, 30) == {order["order_id"]: 1}
        assert orders.rows(order["order_id"]) == 1
        (other,) = (each for each in theirs if each != name)
        assert theirs[other].rows(order["order_id"]) == 0
        assert theirs[other].objects(order["order_id"]) == 0
    passwords = [
        orders.secret(kind)["password"] for orders in theirs.values() for kind in ("database", "cache")
    ]
    assert len(set(passwords)) == len(passwords)

    untouched = _properties(cloud, stays)
    stream = Stream(theirs[stays])
    stream.start()
    cloud.understudy("down", goes).ok()
    sent = stream.end()

    assert len(sent) >= Stream.LEAST
    assert theirs[stays].replies(set(sent), 60) == dict.fromkeys(sent, 1)
    assert all(theirs[stays].rows(order) == 1 for order in sent)
    assert _properties(cloud, stays) == untouched
    cloud.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stays).ok()

    assert cloud.traces(goes) == []
    assert servers(cloud, goes) == []
    assert undeclared(cloud, stays, before) == []
    assert not [
        identity
        for kind, ids in difference(before, inventory(cloud)).items()
        if kind not in FOLLOWERS
        for identity in ids
        if goes in identity
    ]
    cloud.understudy("down", stays).ok()
    assert difference(before, inventory(cloud)) == {}
