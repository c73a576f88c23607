"""`pulumi up` killed at ten moments: the next one converges, nothing is doubled or left."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from environment_cloud import Cloud
from environment_inventory import Inventory, difference, inventory, servers, undeclared
from environment_kills import Update

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(600)]

# Changes of a creation and of an update, by which the moments are spread over the run.
_CREATIONS, _UPDATES = 90, 45
_SEED = 20261123


def _moments(changes: int, count: int) -> list[int]:
    """One moment in each of `count` equal parts of the run."""
    chance = random.Random(_SEED + changes)
    part = changes / count
    return [max(1, int(part * number + chance.uniform(0.1, 0.9) * part)) for number in range(count)]


@dataclass
class Victim:
    """The environment whose updates are killed, and what there was before it."""

    cloud: Cloud
    name: str
    before: Inventory

    def converge(self) -> None:
        """The next `understudy up` ends well and nothing is there twice or without an owner."""
        self.cloud.up(self.name, "--no-smoke")
        self.check()

    def check(self) -> None:
        state = self.cloud.state(self.name)
        assert not state.get("pending_operations")
        assert not any(each.get("delete") for each in state["resources"])
        assert undeclared(self.cloud, self.name, self.before) == []
        assert [path.read_text() for path in self.cloud.notes(self.name)] == []

    def gone(self) -> None:
        """Nothing is left of it anywhere."""
        assert difference(self.before, inventory(self.cloud)) == {}
        assert servers(self.cloud, self.name) == []
        assert self.cloud.traces(self.name) == []


@pytest.fixture(scope="module")
def victim(cloud: Cloud, new_name: Callable[[str], str]) -> Iterator[Victim]:
    found = Victim(cloud, new_name("kill"), inventory(cloud))
    yield found
    if cloud.traces(found.name):
        cloud.understudy("down", found.name).ok()
        found.gone()


@pytest.mark.parametrize(
    ("moment", "everything"),
    [(moment, number % 2 == 1) for number, moment in enumerate(_moments(_CREATIONS, 4))],
)
def test_killed_while_it_creates(victim: Victim, images: None, tmp_path: Path, moment: int, everything: bool):
    cloud, name = victim.cloud, victim.name
    if cloud.traces(name):
        cloud.understudy("down", name).ok()
        victim.gone()
    cloud.pulumi("stack", "init", name).ok()
    Update(cloud, name, tmp_path / "events").kill_at(moment, everything=everything)
    victim.converge()


@pytest.mark.parametrize(
    ("moment", "everything"),
    [(moment, number % 2 == 0) for number, moment in enumerate(_moments(_UPDATES, 6))],
)
def test_killed_while_it_updates_and_replaces(
    victim: Victim, images: None, tmp_path: Path, moment: int, everything: bool
):
    cloud, name = victim.cloud, victim.name
    if not cloud.traces(name):
        cloud.up(name, "--no-smoke")
    cloud.configure(name, release=f"r{moment}", organisation=f"org{uuid.uuid4().hex[:4]}")
    Update(cloud, name, tmp_path / "events").kill_at(moment, everything=everything)
    victim.converge()


def test_destroyed_right_after_a_kill_leaves_nothing(victim: Victim, images: None, tmp_path: Path):
    cloud, name = victim.cloud, victim.name
    if cloud.traces(name):
        cloud.understudy("down", name).ok()
        victim.gone()
    cloud.pulumi("stack", "init", name).ok()
    Update(cloud, name, tmp_path / "events").kill_at(40, everything=True)
    cloud.understudy("down", name).ok()
    victim.gone()
