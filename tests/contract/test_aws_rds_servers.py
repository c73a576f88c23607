"""What a database instance promises beyond its life cycle: a real server, protection, and its recovery."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
from cases.aws_rds import INSTANCE, PARAMETERS, _instance
from lifecycle import Inputs, Refused, World

from localcloud.dataplane import open_dataplane

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def world(world_of: Callable[[str], World]) -> World:
    return world_of("aws")


@pytest.fixture
def made(world: World) -> Iterator[tuple[str, Inputs, Inputs]]:
    """An instance: its id, inputs and state."""
    inputs = world.engine.checked(INSTANCE, _instance(world))
    id, state = world.engine.create(INSTANCE, inputs)
    yield id, inputs, state
    world.engine.delete(INSTANCE, id, inputs, state)


def _connected(state: Inputs, password: str = "canary-password") -> psycopg.Connection:
    return psycopg.connect(
        host=state["address"],
        port=state["port"],
        user=state["username"],
        password=password,
        dbname=state["dbName"],
        sslmode="require",
    )


def _ask(state: Inputs, question: str, password: str = "canary-password") -> str:
    with _connected(state, password) as connection:
        row = connection.execute(question).fetchone()  # pyright: ignore[reportArgumentType, reportCallIssue]
        assert row
        return str(row[0])


def test_endpoint_is_a_real_server(world: World, made: tuple[str, Inputs, Inputs]) -> None:
    _, _, state = made
    assert state["endpoint"] == f"{state['address']}:{state['port']}"
    assert _ask(state, "show server_version").split()[0] == state["engineVersionActual"]
    assert _ask(state, "show log_min_duration_statement") == "500ms"
    assert state["engineVersion"] == "15"


def test_password_change_reaches_the_server(world: World, made: tuple[str, Inputs, Inputs]) -> None:
    id, inputs, state = made
    changed = {**inputs, "password": "a-new-password"}
    after = world.engine.update(INSTANCE, id, inputs, state, changed)
    assert _ask(after, "select 1", "a-new-password") == "1"
    with pytest.raises(psycopg.OperationalError):
        _ask(after, "select 1")
    world.engine.update(INSTANCE, id, changed, after, inputs)


def test_change_of_a_parameter_group_reaches_its_instances(world: World) -> None:
    name = world.unique("live")
    program = {"name": name, "family": "postgres15", "parameters": [{"name": "work_mem", "value": "8192"}]}
    group = world.engine.checked(PARAMETERS, program)
    group_id, group_state = world.engine.create(PARAMETERS, group)
    inputs = world.engine.checked(INSTANCE, {**_instance(world), "parameterGroupName": name})
    id, state = world.engine.create(INSTANCE, inputs)
    try:
        assert _ask(state, "show work_mem") == "8MB"
        changed = world.engine.checked(
            PARAMETERS, {**program, "parameters": [{"name": "max_connections", "value": "33"}]}
        )
        world.engine.update(PARAMETERS, group_id, group, group_state, changed)
        assert _ask(state, "show max_connections") == "33"
        assert _ask(state, "show work_mem") == "4MB"
    finally:
        world.engine.delete(INSTANCE, id, inputs, state)
        world.engine.delete(PARAMETERS, group_id, group, group_state)


def test_protected_instance_stays(world: World) -> None:
    inputs = world.engine.checked(INSTANCE, {**_instance(world), "deletionProtection": True})
    id, state = world.engine.create(INSTANCE, inputs)
    with pytest.raises(Refused, match="deletionProtection"):
        world.engine.delete(INSTANCE, id, inputs, state)
    assert _ask(state, "select 1") == "1"
    open_inputs = {**inputs, "deletionProtection": False}
    after = world.engine.update(INSTANCE, id, inputs, state, open_inputs)
    world.engine.delete(INSTANCE, id, open_inputs, after)


def test_missing_version_says_which_are_there(world: World) -> None:
    inputs = world.engine.checked(INSTANCE, {**_instance(world), "engineVersion": "9.6"})
    with pytest.raises(Refused, match="15") as refused:
        world.engine.create(INSTANCE, inputs)
    assert refused.value.partial is None


def test_server_is_taken_up_again_after_moto_forgot_it(
    world: World, made: tuple[str, Inputs, Inputs]
) -> None:
    id, inputs, state = made
    _ask(state, "select set_config('x.y', 'z', false)")
    with psycopg.connect(
        host=state["address"],
        port=state["port"],
        user="orders",
        password="canary-password",
        dbname="orders",
        autocommit=True,
    ) as connection:
        connection.execute("create table kept as select 42 as answer")
    world.client("rds").delete_db_instance(DBInstanceIdentifier=id, SkipFinalSnapshot=True)
    assert world.engine.read(INSTANCE, id, inputs, state).id == ""
    again, after = world.engine.create(INSTANCE, inputs)
    assert again == id
    assert _ask(after, "select answer from kept") == "42"


def test_half_made_instance_is_completed(world: World, made: tuple[str, Inputs, Inputs]) -> None:
    id, inputs, state = made
    open_dataplane().databases.delete(id)
    assert world.engine.read(INSTANCE, id, inputs, state).id == ""
    healed = world.engine.update(INSTANCE, id, inputs, state, inputs)
    assert _ask(healed, "select 1") == "1"
    open_dataplane().databases.delete(id)
    _, again = world.engine.create(INSTANCE, inputs)
    assert _ask(again, "select 1") == "1"


def test_password_is_nowhere_but_in_the_server(world: World, made: tuple[str, Inputs, Inputs]) -> None:
    id, _, _ = made
    described = world.client("rds").describe_db_instances(DBInstanceIdentifier=id)
    assert "canary-password" not in json.dumps(described, default=str)


def test_a_final_snapshot_brings_the_data_back(world: World) -> None:
    name = world.unique("final")
    wanted = {**_instance(world), "skipFinalSnapshot": False, "finalSnapshotIdentifier": name}
    inputs = world.engine.checked(INSTANCE, wanted)
    id, state = world.engine.create(INSTANCE, inputs)
    with _connected(state) as connection:
        connection.execute("create table kept as select 42 as answer")
    world.engine.delete(INSTANCE, id, inputs, state)
    world.engine.delete(INSTANCE, id, inputs, state)

    again = {**_instance(world), "snapshotIdentifier": name, "password": "another-password"}
    del again["username"], again["dbName"]
    restored = world.engine.checked(INSTANCE, again)
    id, state = world.engine.create(INSTANCE, restored)
    try:
        assert (state["username"], state["dbName"]) == ("orders", "orders")
        assert _ask(state, "select answer from kept", "another-password") == "42"
        difference = world.engine.diff(INSTANCE, id, restored, state, world.engine.checked(INSTANCE, again))
        assert not list(difference.diffs)
        without = world.engine.checked(INSTANCE, {**again, "snapshotIdentifier": "other", "username": "a"})
        assert "snapshotIdentifier" in world.engine.diff(INSTANCE, id, restored, state, without).replaces
    finally:
        world.engine.delete(INSTANCE, id, restored, state)


@pytest.mark.parametrize("change", [{"snapshotIdentifier": "never-taken"}])
def test_a_snapshot_that_is_not_there_is_refused_by_name(world: World, change: Inputs) -> None:
    inputs = world.engine.checked(INSTANCE, {**_instance(world), **change})
    with pytest.raises(Refused, match="never-taken") as refused:
        world.engine.create(INSTANCE, inputs)
    assert refused.value.partial is None
    assert "\n" not in str(refused.value)
