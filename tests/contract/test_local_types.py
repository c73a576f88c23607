"""Every local type goes through the whole lifecycle; one without a case fails."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faulty_proxy import denied, server_error, throttled
from lifecycle import Case, Inputs, Refused, World, urn
from pulumi.runtime.proto import provider_pb2

from localcloud import plugin, wire

NONE = provider_pb2.DiffResponse.DIFF_NONE
SOME = provider_pb2.DiffResponse.DIFF_SOME
DECLARING = ("aws", "random")


def _cases() -> list[Case]:
    found: list[Case] = []
    for file in sorted((Path(__file__).parent / "cases").glob("*.py")):
        found += importlib.import_module(f"cases.{file.stem}").CASES
    return found


CASES = _cases()
REMOTE = [case for case in CASES if case.remote]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.token)
every_remote_case = pytest.mark.parametrize("case", REMOTE, ids=lambda case: case.token)


@pytest.fixture
def world(case: Case, world_of: Callable[[str], World]) -> World:
    return world_of(case.token.split(":", 1)[0])


@pytest.mark.parametrize("name", DECLARING)
def test_every_type_has_a_case(name: str) -> None:
    package: Any = plugin.load(name)
    covered = {case.token for case in CASES}
    assert {token for token in package.tokens() if token not in covered} == set()


@every_case
def test_preview_touches_nothing(case: Case, world: World) -> None:
    inputs = world.engine.checked(case.token, case.create(world))
    before = world.proxy.requests if world.proxy else 0
    planned = wire.decode(world.engine.create_raw(case.token, inputs, preview=True).properties)
    assert _holds(planned, _given(inputs)), planned
    if case.update:
        changed = world.engine.checked(case.token, case.update(world, case.create(world)), inputs)
        before = world.proxy.requests if world.proxy else 0
        world.engine.update(case.token, "some-id", inputs, inputs, changed, preview=True)
    assert (world.proxy.requests if world.proxy else 0) == before


@every_case
def test_checking_twice_changes_nothing(case: Case, world: World) -> None:
    program = case.create(world)
    inputs = world.engine.checked(case.token, program)
    assert world.engine.checked(case.token, program, inputs) == inputs


@every_case
def test_undeclared_input_is_named(case: Case, world: World) -> None:
    _, failures = world.engine.check(case.token, {**case.create(world), "noSuchInput": 1})
    assert "noSuchInput" in failures
    assert "not implemented" in failures["noSuchInput"]


@pytest.mark.parametrize(
    ("case", "given", "named"),
    [(case, given, named) for case in CASES for given, named in case.bad],
    ids=lambda value: value.token if isinstance(value, Case) else None,
)
def test_bad_input_is_refused(case: Case, given: Inputs, named: str, world: World) -> None:
    _, failures = world.engine.check(case.token, {**case.create(world), **given})
    assert named in failures
    assert "\n" not in failures[named]


@every_case
def test_life(case: Case, world: World) -> None:
    """Create, no-op, refresh, import, update in place, heal a drift, replace, delete twice."""
    engine, token, program = world.engine, case.token, case.create(world)
    inputs = engine.checked(token, program)
    id, state = engine.create(token, inputs)
    assert id
    try:
        assert engine.diff(token, id, inputs, state, engine.checked(token, program, inputs)).changes == NONE
        _reads_back(case, world, id, inputs, state)
        if case.update:
            inputs, state, program = _update(case, world, id, inputs, state, program)
        if case.drift and case.drifted:
            state = _drift(case, world, id, inputs, state)
        if case.replace:
            other = engine.checked(token, case.replace(world, program), inputs)
            assert list(engine.diff(token, id, inputs, state, other).replaces)
    finally:
        engine.delete(token, id, inputs, state)
    engine.delete(token, id, inputs, state)
    if case.remote and not case.stays:
        assert engine.read(token, id, inputs, state).id == ""


def _reads_back(case: Case, world: World, id: str, inputs: Inputs, state: Inputs) -> None:
    engine, token = world.engine, case.token
    found = engine.read(token, id, inputs, state)
    assert found.id == id
    assert engine.diff(token, id, found.inputs, found.state, inputs).changes == NONE, (found.inputs, inputs)
    assert engine.diff(token, id, inputs, state, {**inputs, **found.inputs}).changes == NONE
    assert found.state == state
    if not case.remote:
        return
    imported = engine.read(token, case.import_id(id, state) if case.import_id else id)
    assert imported.id == id
    known = {key: value for key, value in inputs.items() if key not in case.unread}
    difference = engine.diff(token, id, imported.inputs, imported.state, {**imported.inputs, **known})
    assert difference.changes == NONE, (imported.inputs, known, difference)
    assert {key for key in _given(known) if key not in imported.state} == set()


def _update(
    case: Case, world: World, id: str, inputs: Inputs, state: Inputs, program: Inputs
) -> tuple[Inputs, Inputs, Inputs]:
    engine, token = world.engine, case.token
    assert case.update
    program = case.update(world, program)
    changed = engine.checked(token, program, inputs)
    difference = engine.diff(token, id, inputs, state, changed)
    assert difference.changes == SOME
    assert not list(difference.replaces)
    assert dict(difference.detailedDiff)
    after = engine.update(token, id, inputs, state, changed)
    _reads_back(case, world, id, changed, after)
    return changed, after, program


def _drift(case: Case, world: World, id: str, inputs: Inputs, state: Inputs) -> Inputs:
    engine, token = world.engine, case.token
    assert case.drift and case.drifted
    case.drift(world, id, state)
    found = engine.read(token, id, inputs, state)
    difference = engine.diff(token, id, found.inputs, found.state, inputs)
    assert case.drifted in difference.diffs, (found.inputs, inputs)
    if list(difference.replaces):
        return found.state
    healed = engine.update(token, id, found.inputs, found.state, inputs)
    _reads_back(case, world, id, inputs, healed)
    return healed


@every_remote_case
def test_refresh_sees_what_is_gone(case: Case, world: World) -> None:
    engine, token = world.engine, case.token
    inputs = engine.checked(token, case.create(world))
    id, state = engine.create(token, inputs)
    if case.vanish:
        case.vanish(world, id, state)
    else:
        engine.delete(token, id, inputs, state)
    assert engine.read(token, id, inputs, state).id == ""
    engine.delete(token, id, inputs, state)


@every_remote_case
def test_orphan_is_found(case: Case, world: World) -> None:
    engine, token = world.engine, case.token
    inputs = engine.checked(token, case.create(world))
    kind = engine.provider._package.resource(token)
    operation = engine.provider._operation(provider_pb2.CreateRequest(urn=urn(token)), kind, "create")
    assert kind.find(operation, inputs) is None
    id, state = engine.create(token, inputs)
    try:
        # What can be done twice leaves no orphan, and is never looked for.
        assert kind.find(operation, inputs) == (id if kind.creates_once else None)
    finally:
        engine.delete(token, id, inputs, state)


@pytest.mark.parametrize("case", [case for case in CASES if case.secrets], ids=lambda case: case.token)
def test_secrets_stay_secret(case: Case, world: World) -> None:
    engine, token = world.engine, case.token
    inputs = engine.checked(token, case.create(world))
    answer = engine.create_raw(token, inputs)
    state = wire.decode(answer.properties)
    try:
        for name in case.secrets:
            value = answer.properties.fields[name].struct_value
            assert value.fields[wire.SIGNATURE_KEY].string_value == wire.SECRET_SIGNATURE, name
    finally:
        engine.delete(token, answer.id, inputs, state)


@every_remote_case
def test_throttling_and_server_errors_are_retried(case: Case, world: World) -> None:
    engine, token, proxy = world.engine, case.token, world.proxy
    assert proxy
    inputs = engine.checked(token, case.create(world))
    faults = (server_error, throttled)
    proxy.fail(lambda number, headers: faults[number](number, headers) if number < len(faults) else None)
    try:
        id, state = engine.create(token, inputs)
    finally:
        proxy.fail(None)
    engine.delete(token, id, inputs, state)


@every_remote_case
def test_failure_halfway_leaves_nothing_unknown(case: Case, world: World) -> None:
    """Whatever call of a create fails, the engine learns of what was made by then, or nothing was."""
    engine, token, proxy = world.engine, case.token, world.proxy
    assert proxy
    kind = engine.provider._package.resource(token)
    for calls in range(1, 8):
        inputs = engine.checked(token, case.create(world))
        operation = engine.provider._operation(provider_pb2.CreateRequest(urn=urn(token)), kind, "create")
        proxy.fail(lambda number, headers, calls=calls: denied(number, headers) if number >= calls else None)
        try:
            id, state = engine.create(token, inputs)
        except Refused as refused:
            proxy.fail(None)
            assert "\n" not in str(refused)
            orphan = kind.find(operation, inputs)
            if orphan is not None:
                assert refused.partial is not None, f"{orphan} exists and the engine does not know it"
                assert refused.partial.id == orphan
                engine.delete(token, orphan, inputs, wire.decode(refused.partial.properties))
            continue
        finally:
            proxy.fail(None)
        engine.delete(token, id, inputs, state)
        return


def _holds(planned: object, given: object) -> bool:
    """Whether all that was given is planned; the service may add to an object, which is unknown then."""
    if isinstance(planned, dict) and isinstance(given, dict):
        return all(key in planned and _holds(planned[key], value) for key, value in given.items())
    return planned == given


def _given(inputs: Inputs) -> Inputs:
    return {key: value for key, value in inputs.items() if not key.startswith("__")}
