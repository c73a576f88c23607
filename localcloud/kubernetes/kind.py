"""Any kind of Kubernetes object as a resource of the engine."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from typing import Any

from localcloud.compare import Change, Kind
from localcloud.kubernetes import annotations as notes
from localcloud.kubernetes.addressing import Addressing
from localcloud.kubernetes.checking import check_object
from localcloud.kubernetes.cluster import PastLook
from localcloud.kubernetes.difference import differences
from localcloud.kubernetes.discovery import Served
from localcloud.kubernetes.drift import has_drifted, live_inputs
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.naming import (
    field_manager,
    identity,
    name_of,
    namespace_of,
    parse_identity,
)
from localcloud.kubernetes.objects import (
    MANAGER_KEY,
    dig,
    imported_inputs,
    sealed,
    state_of,
)
from localcloud.kubernetes.preview import expected_state
from localcloud.kubernetes.problems import ApiError, UnknownCluster, UnknownKind, Unreachable
from localcloud.kubernetes.readiness.job import job_ready
from localcloud.kubernetes.readiness.rules import judged_on_read, rule_of
from localcloud.kubernetes.readiness.verdict import Readiness
from localcloud.kubernetes.readiness.waitfor import parse_wait_for
from localcloud.kubernetes.replacement import immutable_fields, replacing_paths
from localcloud.kubernetes.settings import Connection
from localcloud.kubernetes.waiting import Waiter
from localcloud.resource import (
    Checked,
    CheckRequest,
    Difference,
    Live,
    LocalError,
    Operation,
    Properties,
    ResourceType,
    Source,
)
from localcloud.values import UNKNOWN, has_unknown

DEFAULT_TIMEOUT = 600.0
"""How long a wait lasts when nobody says otherwise, in seconds, as in the official plugin."""

# How long an apply is repeated while the namespace or the definition of the kind is not there yet (seconds).
_PATIENCE = 15.0

# How often, and how far apart (seconds), a refresh looks at an object that is not ready.
_LOOKS = 8
_LOOK_EVERY = 0.25


class KubernetesType(ResourceType):
    """One kind; see the functions of `ResourceType`."""

    source = Source(
        "github.com/pulumi/pulumi-kubernetes",
        "provider/pkg/provider/provider.go",
        "94977969d64112b04e19945818a7d5d5f38f631d",
    )

    def __init__(self, token: str, kind: GroupVersionKind, connection: Connection) -> None:
        self.token = token
        self._kind = kind
        self._connection = connection
        self._where = Addressing(kind, connection)

    def _knows(self, who: str) -> None:
        """Note that the engine knows the object `who`: it is no orphan."""
        self._connection.known.add((self.token, who))

    def timeout(self, action: str) -> float:
        return DEFAULT_TIMEOUT

    # -- check and diff -----------------------------------------------------------------------------

    def check(self, request: CheckRequest) -> Checked:
        return check_object(request, self.token, self._where)

    def diff(self, identity: str, old_inputs: Properties, state: Properties, new: Properties) -> Difference:
        self._knows(identity)
        settings = self._connection.settings
        replacing = replacing_paths(
            self._kind,
            new,
            mutable_secrets=settings.mutable_secrets,
            mutable_config_maps=settings.mutable_config_maps,
        )
        found = differences(old_inputs, new, replacing, namespaced=self._where.namespaced())
        if notes.is_true(new, notes.REPLACE_UNREADY) and self._unready(identity):
            path = f'metadata.annotations["{notes.REPLACE_UNREADY}"]'
            found.append(Change(path, Kind.UPDATE, replace=True))
        replaces = any(change.replace for change in found)
        if found and not replaces and not has_unknown(new):
            found = self._tried(identity, new, found)
            replaces = any(change.replace for change in found)
        return Difference(found, delete_first=replaces and self._name_is_kept(identity, new))

    def _tried(self, identity: str, new: Properties, found: list[Change]) -> list[Change]:
        """Return the changes, marked as replacing where the API server's dry-run calls them immutable."""
        try:
            served, path = self._where.place(parse_identity(identity))
            self._where.applier(new).apply(path, self._where.body(new, served), dry_run=True, force=True)
        except ApiError as error:
            if not error.invalid:
                return found
            causes = [(cause.field, cause.message) for cause in error.causes]
            fields = immutable_fields(causes, error.message)
            if fields is None:
                return found
            marked = [
                Change(change.path, change.kind, replace=_about(change.path, fields)) for change in found
            ]
            if any(change.replace for change in marked):
                return marked
            return [Change(change.path, change.kind, replace=True) for change in found]
        except LocalError:
            return found
        return found

    def _unready(self, identity: str) -> bool:
        """Tell whether the live Job has not run to its end."""
        try:
            cluster = self._connection.cluster()
            namespace, name = parse_identity(identity)
            live = cluster.find(self._where.served(), namespace, name)
        except LocalError:
            return False
        return live is not None and not job_ready(live, PastLook(cluster)).ready

    def _name_is_kept(self, old: str, new: Properties) -> bool:
        """Tell whether a replacement would bear the old one's name: both can't be there at once."""
        name = name_of(new)
        if not isinstance(name, str) or notes.is_true(new, notes.AUTONAMED):
            return False
        namespace = namespace_of(new) if self._where.namespaced() else None
        return namespace is not UNKNOWN and identity(namespace, name) == old

    # -- preview ------------------------------------------------------------------------------------

    def preview(
        self, inputs: Properties, state: Properties | None, difference: Difference | None
    ) -> Properties:
        if has_unknown(inputs):
            return expected_state(inputs, state, None)
        try:
            served, path = self._where.place(self._where.target(inputs))
        except (Unreachable, UnknownCluster, UnknownKind):
            return expected_state(inputs, state, None)
        body = self._where.body(inputs, served)
        if state is None:
            return expected_state(inputs, None, self._try_create(path, body, inputs, served))
        return expected_state(inputs, state, self._where.applier(inputs).apply(path, body, dry_run=True))

    def _try_create(
        self, path: str, body: dict[str, Any], inputs: Properties, served: Served
    ) -> dict[str, Any] | None:
        """Return what a create would make; None when it can't be told before the update."""
        try:
            return self._where.applier(inputs).apply(path, body, dry_run=True, force=True)
        except Unreachable:
            return None
        except ApiError as error:
            if error.gone and served.namespaced:
                # Its namespace is made in the same update: try it in one that is there always.
                with suppress(UnknownKind):
                    return self._try_elsewhere(body, inputs, served, namespace="default")
            if error.gone:
                return None
            if not error.invalid or immutable_fields([], error.message) is None:
                raise
        # It replaces an object of that name: try it under another one.
        return self._try_elsewhere(body, inputs, served, name=f"{dig(body, 'metadata', 'name')}-x")

    def _try_elsewhere(
        self, body: dict[str, Any], inputs: Properties, served: Served, **where: str
    ) -> dict[str, Any]:
        """Return what a create would make, tried under another name or in another namespace."""
        metadata = {**body["metadata"], **where}
        path = served.path(metadata.get("namespace"), metadata["name"])
        applier = self._where.applier(inputs)
        made = applier.apply(path, {**body, "metadata": metadata}, dry_run=True, force=True)
        real = {name: body["metadata"].get(name) for name in where}
        return {**made, "metadata": {**made["metadata"], **real}}

    # -- create, read, update, delete ---------------------------------------------------------------

    def create(self, operation: Operation, inputs: Properties) -> tuple[str, Properties]:
        self._limit(operation, inputs)
        served, live = self._make(operation, inputs)
        who = identity(dig(live, "metadata", "namespace"), live["metadata"]["name"])
        operation.made(who, self._state(live, inputs))
        return who, self._state(self._awaited(operation, served, live, inputs), inputs)

    def update(
        self, operation: Operation, identity: str, old_inputs: Properties, state: Properties, new: Properties
    ) -> Properties:
        self._knows(identity)
        self._limit(operation, new)
        served, path = self._where.place(parse_identity(identity))
        self._connection.cluster().client.get(path)
        live = self._where.applier(new).apply(path, self._where.body(new, served))
        operation.made(identity, self._state(live, new))
        return self._state(self._awaited(operation, served, live, new), new)

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        cluster_settings = self._connection.settings
        try:
            served, path = self._where.place(parse_identity(identity))
            live = self._connection.cluster().client.get(path)
        except UnknownKind:
            return None
        except Unreachable:
            if cluster_settings.delete_unreachable:
                return None
            raise
        except ApiError as error:
            if error.gone:
                return None
            raise
        live = {**live, "apiVersion": self._kind.api_version, "kind": self._kind.kind}
        manager = inputs.get(MANAGER_KEY) or state.get(MANAGER_KEY) or field_manager(operation.urn)
        if not inputs:
            found = {**imported_inputs(live), MANAGER_KEY: manager}
            return Live(identity, state_of(live, manager), sealed(found))
        reasons = self._ails(operation, path, live, inputs)
        found = self._drifted(served, path, inputs, live)
        return Live(identity, state_of(live, manager), sealed({**found, MANAGER_KEY: manager}), reasons)

    def delete(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> None:
        self._limit(operation, inputs)
        try:
            served, path = self._where.place(parse_identity(identity))
            cluster = self._connection.cluster()
            going = cluster.client.delete(path, propagation=notes.propagation(inputs, self._kind))
        except UnknownKind:
            return
        except Unreachable:
            if self._connection.settings.delete_unreachable:
                return
            raise
        except ApiError as error:
            if error.gone:
                return
            raise
        # An object that went at once is answered with a Status, one that goes slowly with itself.
        if going.get("kind") != "Status" and notes.awaits_deletion(inputs):
            Waiter(cluster, served, operation).until_gone(going)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        namespace, name = self._where.target(inputs)
        cluster, served = self._connection.cluster(), self._where.served()
        live = cluster.find(served, namespace, name)
        if live is not None and self._is_ours(live, inputs):
            return identity(namespace, name)
        if not notes.is_true(inputs, notes.AUTONAMED):
            return None
        # The name of the orphan was generated anew since; its field manager is the resource's own.
        for each in cluster.list(served, namespace).get("items", []):
            who = identity(namespace, each["metadata"]["name"])
            if self._is_ours(each, inputs) and (self.token, who) not in self._connection.known:
                return who
        return None

    def takes_up(self, inputs: Properties, orphan: str) -> bool:
        # Applying twice makes one object.
        return identity(*self._where.target(inputs)) == orphan

    # -- inside -------------------------------------------------------------------------------------

    def _make(self, operation: Operation, inputs: Properties) -> tuple[Served, dict[str, Any]]:
        """Apply a new object; wait a little for its namespace or its kind to be there."""
        patience = operation.deadline - operation.timeout + _PATIENCE
        while True:
            try:
                namespace, name = self._where.target(inputs)
                served, path = self._where.place((namespace, name))
                self._refuse_others(served, namespace, name, inputs)
                return served, self._where.applier(inputs).apply(path, self._where.body(inputs, served))
            except (ApiError, UnknownKind) as error:
                missing = isinstance(error, UnknownKind) or error.gone
                if not missing or time.monotonic() > patience:
                    raise
                operation.say(f"trying again: {error}")
                operation.pause(0.5)

    def _refuse_others(self, served: Served, namespace: str | None, name: str, inputs: Properties) -> None:
        """Raise when an object of that name is there already and this resource did not make it."""
        if self._connection.settings.adopt_existing or notes.is_true(inputs, notes.PATCH_FORCE):
            return
        live = self._connection.cluster().find(served, namespace, name)
        if live is not None and not self._is_ours(live, inputs):
            raise LocalError(
                f"{self._kind.kind} {identity(namespace, name)} is there already and is not ours; "
                "choose another name, `pulumi import` it, or set provider setting upsertExistingObjects"
            )

    def _is_ours(self, live: dict[str, Any], inputs: Properties) -> bool:
        manager = inputs.get(MANAGER_KEY)
        return any(
            each.get("manager") == manager for each in dig(live, "metadata", "managedFields", default=[])
        )

    def _awaited(
        self, operation: Operation, served: Served, live: dict[str, Any], inputs: Properties
    ) -> dict[str, Any]:
        """Return the object once it is ready, unless it says that it is not to be waited for."""
        rule = self._rule(inputs)
        if rule is None:
            return live
        return Waiter(self._connection.cluster(), served, operation).until_ready(live, rule)

    def _rule(self, inputs: Properties) -> Readiness | None:
        if notes.is_true(inputs, notes.SKIP_AWAIT):
            return None
        wait_for = notes.notes_of(inputs).get(notes.WAIT_FOR)
        return parse_wait_for(wait_for) if isinstance(wait_for, str) else rule_of(self._kind)

    def _ails(
        self, operation: Operation, path: str, live: dict[str, Any], inputs: Properties
    ) -> tuple[str, ...]:
        """Return why a live object is not ready, for a refresh; a controller has a moment to catch up."""
        rule = rule_of(self._kind)
        custom = notes.is_true(inputs, notes.SKIP_AWAIT) or notes.notes_of(inputs).get(notes.WAIT_FOR)
        if rule is None or custom or not judged_on_read(self._kind):
            return ()
        cluster = self._connection.cluster()
        verdict = rule(live, PastLook(cluster))
        for _again in range(_LOOKS):
            if verdict.ready or verdict.failed:
                break
            operation.pause(_LOOK_EVERY)
            verdict = rule(cluster.client.get(path), PastLook(cluster))
        return () if verdict.ready else (verdict.status,)

    def _drifted(self, served: Served, path: str, inputs: Properties, live: dict[str, Any]) -> Properties:
        """Return the inputs that the live object stands for."""
        found = live_inputs(inputs, live)
        if not has_drifted(inputs, found):
            return inputs
        try:
            wanted = self._where.applier(inputs).apply(
                path, self._where.body(inputs, served), dry_run=True, force=True
            )
        except LocalError:
            return found
        return live_inputs(inputs, live, wanted)

    def _state(self, live: dict[str, Any], inputs: Properties) -> Properties:
        return state_of(live, inputs[MANAGER_KEY], self._kind.api_version)

    def _limit(self, operation: Operation, inputs: Properties) -> None:
        """Let the object's own annotation set the time-out, unless the program's options set one."""
        seconds = notes.timeout_seconds(inputs)
        if seconds is not None and operation.timeout == DEFAULT_TIMEOUT:
            operation.deadline += seconds - operation.timeout
            operation.timeout = seconds


def _about(path: str, fields: list[str]) -> bool:
    plain = re.sub(r'\["?|"?\]', ".", path).rstrip(".").replace("..", ".")
    for each in fields:
        field = re.sub(r"[\[\]]", ".", each).rstrip(".").replace("..", ".").lstrip(".")
        if plain == field or plain.startswith(f"{field}.") or field.startswith(f"{plain}."):
            return True
    return False
