"""The lifecycle that every local resource type must go through, driven as the engine drives it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3
import grpc
from botocore.config import Config
from faulty_proxy import FaultyProxy
from pulumi.runtime.proto import provider_pb2, status_pb2

from localcloud import wire
from localcloud.provider import Provider
from localcloud.resource import Package

Inputs = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the shared test needs to know of one type; see `test_local_types.py` for what it does with it.

    create: inputs of a working thing. update/replace: inputs that change it in place / need a new one;
    None where no input can. drift: a change made behind its back, and `drifted` the input that a refresh
    then shows changed; None where the service has nothing that can be changed. vanish: removes it behind
    its back; the type's own delete when left out. secrets: properties that must come back secret.
    bad: pairs of inputs, merged over `create`'s, and the property that check must name.
    remote: False for types that talk to no service. import_id: the id to import by, when not the own id.
    unread: inputs that the service never tells, so that an import can't know them.
    stays: the service keeps the thing after its delete, as AWS does with the current version of a secret.
    """

    token: str
    create: Callable[[World], Inputs]
    update: Callable[[World, Inputs], Inputs] | None = None
    replace: Callable[[World, Inputs], Inputs] | None = None
    drift: Callable[[World, str, Inputs], Any] | None = None
    drifted: str | None = None
    vanish: Callable[[World, str, Inputs], Any] | None = None
    secrets: tuple[str, ...] = ()
    bad: list[tuple[Inputs, str]] = field(default_factory=list)
    remote: bool = True
    import_id: Callable[[str, Inputs], str] | None = None
    unread: tuple[str, ...] = ()
    stays: bool = False


class Refused(Exception):
    """The plugin answered with an error; `partial` is the id of a thing that exists all the same."""

    def __init__(self, message: str, partial: provider_pb2.ErrorResourceInitFailed | None) -> None:
        super().__init__(message)
        self.partial = partial


class _Context:
    """Takes the place of gRPC's: an abort becomes a Refused."""

    def __init__(self) -> None:
        self._details = b""

    def set_trailing_metadata(self, metadata: tuple[tuple[str, bytes], ...]) -> None:
        self._details = dict(metadata)["grpc-status-details-bin"]

    def abort(self, code: grpc.StatusCode, message: str) -> None:
        partial = None
        status = status_pb2.Status.FromString(self._details)
        for detail in status.details:
            partial = provider_pb2.ErrorResourceInitFailed()
            assert detail.Unpack(partial)
        raise Refused(message, partial)


@dataclass(frozen=True)
class Found:
    """What a read answered."""

    id: str
    inputs: Inputs
    state: Inputs


class Engine:
    """Calls a plugin in the order, and with the values, that the engine would."""

    def __init__(self, package: Package) -> None:
        self.provider = Provider(package)

    def configure(self, settings: Inputs) -> None:
        texts = {
            key: value if isinstance(value, str) else json.dumps(value) for key, value in settings.items()
        }
        self.provider.Configure(provider_pb2.ConfigureRequest(args=wire.encode(texts)), _Context())

    def check(self, token: str, news: Inputs, olds: Inputs | None = None) -> tuple[Inputs, dict[str, str]]:
        answer = self.provider.Check(
            provider_pb2.CheckRequest(
                urn=urn(token), news=wire.encode(news), olds=wire.encode(olds or {}), randomSeed=uuid4().bytes
            ),
            _Context(),
        )
        return wire.decode(answer.inputs), {each.property: each.reason for each in answer.failures}

    def checked(self, token: str, news: Inputs, olds: Inputs | None = None) -> Inputs:
        inputs, failures = self.check(token, news, olds)
        assert not failures, failures
        return inputs

    def diff(self, token: str, id: str, old: Inputs, state: Inputs, new: Inputs) -> Any:
        return self.provider.Diff(
            provider_pb2.DiffRequest(
                id=id,
                urn=urn(token),
                old_inputs=wire.encode(old),
                olds=wire.encode(state),
                news=wire.encode(new),
            ),
            _Context(),
        )

    def create_raw(self, token: str, inputs: Inputs, *, preview: bool = False, timeout: float = 0) -> Any:
        return self.provider.Create(
            provider_pb2.CreateRequest(
                urn=urn(token), properties=wire.encode(inputs), preview=preview, timeout=timeout
            ),
            _Context(),
        )

    def create(self, token: str, inputs: Inputs) -> tuple[str, Inputs]:
        answer = self.create_raw(token, inputs)
        return answer.id, wire.decode(answer.properties)

    def update(
        self, token: str, id: str, old: Inputs, state: Inputs, new: Inputs, *, preview: bool = False
    ) -> Inputs:
        answer = self.provider.Update(
            provider_pb2.UpdateRequest(
                id=id,
                urn=urn(token),
                old_inputs=wire.encode(old),
                olds=wire.encode(state),
                news=wire.encode(new),
                preview=preview,
            ),
            _Context(),
        )
        return wire.decode(answer.properties)

    def read(self, token: str, id: str, inputs: Inputs | None = None, state: Inputs | None = None) -> Found:
        answer = self.provider.Read(
            provider_pb2.ReadRequest(
                id=id, urn=urn(token), inputs=wire.encode(inputs or {}), properties=wire.encode(state or {})
            ),
            _Context(),
        )
        return Found(answer.id, wire.decode(answer.inputs), wire.decode(answer.properties))

    def delete(self, token: str, id: str, inputs: Inputs, state: Inputs) -> None:
        self.provider.Delete(
            provider_pb2.DeleteRequest(
                id=id, urn=urn(token), old_inputs=wire.encode(inputs), properties=wire.encode(state)
            ),
            _Context(),
        )


class World:
    """The place where cases make things: a test server behind a proxy that can fail, and the plugin."""

    region = "eu-central-1"
    account = "123456789012"

    def __init__(self, engine: Engine, proxy: FaultyProxy | None, endpoint: str | None) -> None:
        self.engine = engine
        self.proxy = proxy
        self._endpoint = endpoint
        self._made: dict[str, tuple[str, Inputs]] = {}
        self._numbers = itertools.count(1)
        self._run = uuid4().hex[:6]

    def unique(self, prefix: str) -> str:
        """Return a name that nothing else bears."""
        return f"{prefix}-{self._run}-{next(self._numbers)}"

    def client(self, service: str) -> Any:
        """Return a boto3 client that talks to the test server past the proxy."""
        assert self._endpoint, "this plugin talks to no service"
        return boto3.client(
            service,
            endpoint_url=self._endpoint,
            region_name=self.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}),
        )

    def make(self, token: str, inputs: Inputs) -> tuple[str, Inputs]:
        """Make a prerequisite through the plugin; the same one again for the same arguments."""
        key = json.dumps([token, inputs], sort_keys=True)
        if key not in self._made:
            self._made[key] = self.engine.create(token, self.engine.checked(token, inputs))
        return self._made[key]


def urn(token: str) -> str:
    """Return a URN as the engine makes them."""
    return f"urn:pulumi:test::understudy::{token}::thing"
