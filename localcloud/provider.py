"""The one module that speaks the engine's provider protocol.

It turns each call of the engine into a call of a `localcloud.resource.Package`, and results and errors
back into answers. Source of the protocol: pulumi/pulumi, proto/pulumi/provider.proto at v3.259.0.
"""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
from google.protobuf import any_pb2, empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    status_pb2,
)

from localcloud import wire
from localcloud.compare import Kind, ignored, root
from localcloud.fields import Failures, from_setting, parse_fields
from localcloud.journal import Journal
from localcloud.resource import (
    Cancelled,
    CheckRequest,
    Difference,
    LocalError,
    Operation,
    Package,
    Properties,
    ResourceType,
    UnknownToken,
)
from localcloud.values import reveal

log = logging.getLogger(__name__)

# Settings that the engine and the SDK add to every provider.
_ENGINE_SETTINGS = frozenset({"version", "pluginDownloadURL", "__internal", "__pulumi-go-provider-infer"})

_KINDS = {
    (kind, replace): provider_pb2.PropertyDiff.Kind.Value(f"{kind.name}_REPLACE" if replace else kind.name)
    for kind in Kind
    for replace in (False, True)
}


class Abort(Exception):
    """Ends a call with a gRPC status; carries the detail that the engine reads, if any."""

    def __init__(self, code: grpc.StatusCode, message: str, detail: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one `Package` to one engine."""

    def __init__(self, package: Package, journal: Journal | None = None) -> None:
        self._package = package
        self._journal = journal
        self._cancelled = threading.Event()
        self._cut_short = False
        self._engine: engine_pb2_grpc.EngineStub | None = None
        self._busy = 0
        self._idle = threading.Condition()

    # -- about the plugin ---------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=self._package.version)

    def Handshake(self, request: Any, context: Any) -> Any:
        self._attach(request.engine_address)
        # Secrets stay with the engine: it hands over plain values and marks what comes back by name.
        return provider_pb2.ProviderHandshakeResponse(supports_autonaming_configuration=True)

    def Attach(self, request: Any, context: Any) -> Any:
        self._attach(request.address)
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        # It is also the engine's farewell: then it comes once, when all is answered, and nothing follows.
        with self._idle:
            self._cut_short = self._cut_short or self._cancelled.is_set() or self._busy > 0
            self._cancelled.set()
        return empty_pb2.Empty()

    def GetMapping(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetMappingsResponse()

    # -- settings -----------------------------------------------------------------------------------

    def CheckConfig(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            news = wire.decode(request.news)
            _settings, failures = self._settings(news)
            return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(failures))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            old, new = wire.decode(request.olds), wire.decode(request.news)
            names = sorted(
                key for key in old.keys() | new.keys() if old.get(key) != new.get(key) and key != "version"
            )
            return provider_pb2.DiffResponse(
                changes=provider_pb2.DiffResponse.DIFF_SOME if names else provider_pb2.DiffResponse.DIFF_NONE,
                diffs=names,
            )

    def Configure(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            settings, failures = self._settings(wire.decode(request.args))
            if failures:
                raise LocalError("; ".join(f"provider setting {path} {reason}" for path, reason in failures))
            self._package.configure(settings)
            return provider_pb2.ConfigureResponse(
                supportsPreview=True, supports_autonaming_configuration=True
            )

    # -- functions ----------------------------------------------------------------------------------

    def Invoke(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            function = self._package.function(request.tok)
            failures: Failures = []
            arguments = parse_fields(function.inputs, wire.decode(request.args), failures)
            if failures:
                return provider_pb2.InvokeResponse(failures=_failures(failures))
            answer = provider_pb2.InvokeResponse()
            getattr(answer, "return").CopyFrom(wire.encode(function.call(arguments)))  # a Python keyword
            return answer

    # -- resources ----------------------------------------------------------------------------------

    def Check(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind = self._type(request)
            checked = kind.check(
                CheckRequest(
                    urn=request.urn,
                    name=request.name or request.urn.rsplit("::", 1)[-1],
                    old=wire.decode(request.olds),
                    new=wire.decode(request.news),
                    seed=bytes(request.randomSeed),
                    proposed_name=_proposed(request),
                )
            )
            return provider_pb2.CheckResponse(
                inputs=wire.encode(checked.inputs), failures=_failures(checked.failures)
            )

    def Diff(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind = self._type(request)
            self._known(request.urn, request.id)
            difference = self._difference(kind, request)
            return _diff_response(difference)

    def Create(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind, inputs = self._type(request), wire.decode(request.properties)
            if request.preview:
                return provider_pb2.CreateResponse(properties=wire.encode(kind.preview(inputs, None, None)))
            operation = self._operation(request, kind, "create")
            with self._partial(operation, inputs):
                self._remove_orphan(kind, operation, inputs)
                self._note(kind, request.urn, None)
                try:
                    identity, state = kind.create(operation, inputs)
                except BaseException:
                    if operation.partial is not None:
                        self._note(kind, request.urn, operation.partial[0])
                    raise
                self._note(kind, request.urn, identity)
            return provider_pb2.CreateResponse(id=identity, properties=wire.encode(state))

    def Read(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind = self._type(request)
            self._known(request.urn, request.id)
            operation = self._operation(request, kind, "read")
            live = kind.read(
                operation, request.id, wire.decode(request.inputs), wire.decode(request.properties)
            )
            if live is None:
                return provider_pb2.ReadResponse(id="")
            if live.reasons:
                raise _unhealthy(live.id, live.state, live.inputs, list(live.reasons))
            return provider_pb2.ReadResponse(
                id=live.id, properties=wire.encode(live.state), inputs=wire.encode(live.inputs)
            )

    def Update(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind = self._type(request)
            self._known(request.urn, request.id)
            old, state, new = (wire.decode(part) for part in (request.old_inputs, request.olds, request.news))
            if request.preview:
                difference = self._difference(kind, request)
                return provider_pb2.UpdateResponse(
                    properties=wire.encode(kind.preview(new, state, difference))
                )
            operation = self._operation(request, kind, "update")
            with self._partial(operation, new):
                after = kind.update(operation, request.id, old, state, new)
            return provider_pb2.UpdateResponse(properties=wire.encode(after))

    def Delete(self, request: Any, context: Any) -> Any:
        with self._answering(context):
            kind = self._type(request)
            operation = self._operation(request, kind, "delete")
            kind.delete(
                operation, request.id, wire.decode(request.old_inputs), wire.decode(request.properties)
            )
            self._known(request.urn, request.id)
            return empty_pb2.Empty()

    # -- the end ------------------------------------------------------------------------------------

    def finish(self, *, in_good_order: bool, within: float = 10.0) -> None:
        """Let running calls end (at most `within` seconds); close the journal if the engine knows all.

        An update that was cut short may have been told to stop at once, and its engine then does not wait
        for answers: its notes stay, and are struck out when the next one uses the ids.
        """
        if not in_good_order:
            self._cancelled.set()
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0, timeout=within)
        if in_good_order and not self._cut_short and self._journal is not None:
            self._journal.close()

    # -- inside -------------------------------------------------------------------------------------

    def _attach(self, address: str) -> None:
        if address:
            self._engine = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def _type(self, request: Any) -> ResourceType:
        token = request.type or request.urn.split("::")[2].rsplit("$", 1)[-1]
        return self._package.resource(token)

    def _difference(self, kind: ResourceType, request: Any) -> Difference:
        old, state, new = (wire.decode(part) for part in (request.old_inputs, request.olds, request.news))
        difference = kind.diff(request.id, old, state, new)
        skipped = tuple(request.ignoreChanges)
        if not skipped:
            return difference
        kept = [change for change in difference.changes if not ignored(change.path, skipped)]
        return Difference(kept, difference.delete_first and any(c.replace for c in kept), difference.volatile)

    def _operation(self, request: Any, kind: ResourceType, action: str) -> Operation:
        return Operation(
            request.urn,
            timeout=request.timeout or kind.timeout(action),
            cancelled=self._cancelled,
            say=lambda text: self._say(request.urn, text),
        )

    def _say(self, urn: str, text: str) -> None:
        """Show a passing status beside the resource; losing one is harmless."""
        if self._engine is None:
            return
        try:
            self._engine.Log(
                engine_pb2.LogRequest(severity=engine_pb2.INFO, message=text, urn=urn, ephemeral=True),
                timeout=2,
            )
        except grpc.RpcError:
            log.debug("the engine did not take a status line")

    def _settings(self, given: Properties) -> tuple[Properties, Failures]:
        failures: Failures = []
        plain = {
            name: from_setting(self._package.settings.get(name), value)
            for name, value in given.items()
            if name not in _ENGINE_SETTINGS
        }
        return parse_fields(self._package.settings, plain, failures), failures

    def _remove_orphan(self, kind: ResourceType, operation: Operation, inputs: Properties) -> None:
        note = self._journal.open_note(operation.urn) if self._journal and kind.creates_once else None
        if note is None or self._journal is None:
            return
        orphan = note.identity or kind.find(operation, inputs)
        if orphan is not None and not kind.takes_up(inputs, orphan):
            operation.say(f"removing {orphan}, left by an update that was cut short")
            # What only the program can say, such as whether a last snapshot is wanted, is in no live thing.
            said = {**inputs, **kind.unused}
            live = kind.read(operation, orphan, said, said)
            if live is not None:
                kind.delete(operation, orphan, live.inputs, {**reveal(live.state), **kind.unused})
        self._journal.strike(operation.urn)

    def _note(self, kind: ResourceType, urn: str, identity: str | None) -> None:
        """Note that a create of `urn` begins, or the `identity` that it ended with."""
        if self._journal is not None and kind.creates_once:
            self._journal.begin(urn) if identity is None else self._journal.finish(urn, identity)

    def _known(self, urn: str, identity: str) -> None:
        if self._journal is not None:
            self._journal.known(urn, identity)

    @contextmanager
    def _partial(self, operation: Operation, inputs: Properties) -> Iterator[None]:
        """Tell the engine of a thing that was made although the operation on it failed."""
        try:
            yield
        except (Exception, KeyboardInterrupt) as error:
            if operation.partial is None:
                raise
            identity, state = operation.partial
            raise _unhealthy(identity, state, inputs, [self._explain(error)]) from error

    @contextmanager
    def _answering(self, context: Any) -> Iterator[None]:
        with self._idle:
            self._busy += 1
            self._cut_short = self._cut_short or self._cancelled.is_set()
        try:
            yield
        except Abort as error:
            _abort(context, error)
        except UnknownToken as error:
            _abort(context, Abort(grpc.StatusCode.UNIMPLEMENTED, str(error)))
        except Exception as error:
            _abort(context, Abort(grpc.StatusCode.UNKNOWN, self._explain(error)))
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _explain(self, error: BaseException) -> str:
        if isinstance(error, LocalError | Cancelled | wire.UnsupportedValue):
            return str(error)
        line = self._package.explain(error) if isinstance(error, Exception) else None
        if line is not None:
            return line
        # Only where and what kind: the text of an unforeseen error could hold a secret.
        place = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"a fault in the local {self._package.name} plugin: {type(error).__name__} "
            f"at {place.filename.rsplit('/', 1)[-1]}:{place.lineno}; please report it"
        )


def _abort(context: Any, error: Abort) -> NoReturn:
    status = status_pb2.Status(code=error.code.value[0], message=str(error))
    if error.detail is not None:
        packed = any_pb2.Any()
        packed.Pack(error.detail)
        status.details.append(packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(error.code, str(error))
    raise AssertionError("abort returned")


def _unhealthy(identity: str, state: Properties, inputs: Properties, reasons: list[str]) -> Abort:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=identity, properties=wire.encode(state), inputs=wire.encode(inputs), reasons=reasons
    )
    return Abort(grpc.StatusCode.UNKNOWN, "; ".join(reasons), detail)


def _failures(failures: Failures) -> list[Any]:
    return [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in failures]


def _proposed(request: Any) -> str | None:
    if not request.HasField("autonaming"):
        return None
    return request.autonaming.proposed_name or None


def _diff_response(difference: Difference) -> Any:
    changes = difference.changes
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=sorted({root(change.path) for change in changes}),
        replaces=sorted({root(change.path) for change in changes if change.replace}),
        detailedDiff={
            change.path: provider_pb2.PropertyDiff(kind=_KINDS[change.kind, change.replace], inputDiff=True)
            for change in changes
        },
        hasDetailedDiff=True,
        deleteBeforeReplace=difference.delete_first,
    )
