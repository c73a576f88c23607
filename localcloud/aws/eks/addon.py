"""Add-ons of EKS."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn, rfc3339
from localcloud.aws.eks.base import CLUSTER_NAME, CLUSTER_NAME_LIMIT, GONE, EksType, parts
from localcloud.fields import Flag, Text
from localcloud.resource import Operation, Properties

_LABELS: Final = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*"
_NUMBER: Final = r"(0|[1-9]\d*)"
_VERSION: Final = rf"v{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_LABELS})?(\+{_LABELS})?"
_CHANGED: Final = ("addonVersion", "configurationValues", "serviceAccountRoleArn")


class Addon(EksType):
    """Software that EKS installs, as data: nothing is installed. Its id is ``<cluster>:<name>``."""

    token = "aws:eks/addon:Addon"
    source = read_from("eks/addon.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    taggable = True
    inputs = {
        "addonName": Text(required=True, force_new=True, min_length=1),
        "addonVersion": Text(computed=True, pattern=_VERSION),
        "clusterName": Text(
            required=True, force_new=True, max_length=CLUSTER_NAME_LIMIT, pattern=CLUSTER_NAME
        ),
        "configurationValues": Text(computed=True),
        "preserve": Flag(),
        "resolveConflictsOnCreate": Text(choices=("NONE", "OVERWRITE")),
        "resolveConflictsOnUpdate": Text(choices=("NONE", "OVERWRITE", "PRESERVE")),
        "serviceAccountRoleArn": Text(check=arn),
    }
    outputs = ("arn", "createdAt", "modifiedAt")
    volatile = ("modifiedAt",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        given = {name: inputs[name] for name in _CHANGED if inputs.get(name)}
        if inputs.get("resolveConflictsOnCreate"):
            given["resolveConflicts"] = inputs["resolveConflictsOnCreate"]
        self.client(inputs).create_addon(
            clusterName=inputs["clusterName"],
            addonName=inputs["addonName"],
            tags=self.wanted_tags(inputs),
            **given,
        )
        identity = f"{inputs['clusterName']}:{inputs['addonName']}"
        operation.made(identity, inputs)
        self.settle(operation, lambda: self._describe(identity, inputs))
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._describe(identity, state)
        if live is None:
            return None
        found: Properties = {
            "addonName": live["addonName"],
            "addonVersion": live["addonVersion"],
            "arn": live["addonArn"],
            "clusterName": live["clusterName"],
            "configurationValues": live.get("configurationValues"),
            "createdAt": rfc3339(live.get("createdAt")),
            "modifiedAt": rfc3339(live.get("modifiedAt")),
            "serviceAccountRoleArn": live.get("serviceAccountRoleArn") or None,
        }
        for name in ("preserve", "resolveConflictsOnCreate", "resolveConflictsOnUpdate"):
            found[name] = state.get(name)
        return self.live(state, found, live.get("tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        cluster, name = parts(identity)
        change = {key: new[key] for key in _CHANGED if new.get(key) and new[key] != old.get(key)}
        if old.get("serviceAccountRoleArn"):
            # Left out, EKS would take the nodes' role instead.
            change.setdefault("serviceAccountRoleArn", new.get("serviceAccountRoleArn") or "")
        if not change:
            return
        if new.get("resolveConflictsOnUpdate"):
            change["resolveConflicts"] = new["resolveConflictsOnUpdate"]
        self.client(new).update_addon(clusterName=cluster, addonName=name, **change)
        self.settle(operation, lambda: self._describe(identity, new))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        cluster, name = parts(identity)
        keep = bool(state.get("preserve"))
        delete = self.client(state).delete_addon
        if attempt(GONE, delete, clusterName=cluster, addonName=name, preserve=keep) is not None:
            operation.until(lambda: self._describe(identity, state) is None)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        identity = f"{inputs['clusterName']}:{inputs['addonName']}"
        return identity if self._describe(identity, inputs) else None

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        cluster, name = parts(identity)
        call = self.client(properties).describe_addon
        answer = attempt(GONE, call, clusterName=cluster, addonName=name)
        return None if answer is None else answer["addon"]
