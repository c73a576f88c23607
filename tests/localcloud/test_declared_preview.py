"""A preview promises what the state will hold, and no more."""

from __future__ import annotations

from localcloud.declared import DeclaredType
from localcloud.fields import Integer, Text
from localcloud.resource import Operation, Properties, Source
from localcloud.values import UNKNOWN


class Server(DeclaredType):
    token = "test:index:Server"
    source = Source("nobody/nothing", "server.go", "0")
    inputs = {
        "name": Text(required=True),
        "port": Integer(default=5432),
        "size": Integer(),
        "zone": Text(computed=True),
    }
    outputs = ("arn", "version")
    volatile = ("version",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        return inputs["name"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        return state

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        pass

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        pass


# The server listens on another port than the one that was asked for.
STATE = {"name": "a", "port": 28462, "size": 1, "zone": "z1", "arn": "arn:a", "version": "1"}
OLD = {"name": "a", "port": 5432, "size": 1}


def preview(new: Properties) -> Properties:
    server = Server()
    return server.preview(new, STATE, server.diff("a", OLD, STATE, new))


def test_before_a_create_only_the_inputs_are_known() -> None:
    planned = Server().preview(OLD, None, None)
    assert planned == {**OLD, "zone": UNKNOWN, "arn": UNKNOWN, "version": UNKNOWN}


def test_what_does_not_change_keeps_the_value_of_the_state() -> None:
    assert preview({**OLD, "size": 2}) == {**STATE, "size": 2, "version": UNKNOWN}


def test_what_changes_takes_the_new_value() -> None:
    assert preview({**OLD, "port": 6000})["port"] == 6000


def test_what_is_dropped_goes() -> None:
    assert "size" not in preview({"name": "a", "port": 5432})


def test_nothing_changes_nothing() -> None:
    assert preview(OLD) == STATE
