"""Managed node groups of EKS."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.eks.base import CLUSTER_NAME, CLUSTER_NAME_LIMIT, GONE, EksType, parts
from localcloud.fields import Autoname, Block, Failures, Flag, Integer, ListOf, MapOf, SetOf, Text
from localcloud.resource import Operation, Properties

_NAME_LIMIT: Final = 63
_SIZES: Final = ("desiredSize", "maxSize", "minSize")
_UNAVAILABLE: Final = ("maxUnavailable", "maxUnavailablePercentage")


class NodeGroup(EksType):
    """Machines for a cluster, as data: no machine is started. Its id is ``<cluster>:<name>``."""

    token = "aws:eks/nodeGroup:NodeGroup"
    source = read_from("eks/node_group.go", "012e0a32f0686212f447447fd3d81c3d0ce256ad")
    taggable = True
    inputs = {
        "amiType": Text(computed=True, force_new=True),
        "capacityType": Text(computed=True, force_new=True, choices=("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")),
        "clusterName": Text(
            required=True, force_new=True, max_length=CLUSTER_NAME_LIMIT, pattern=CLUSTER_NAME
        ),
        "diskSize": Integer(computed=True, force_new=True, minimum=1),
        "forceUpdateVersion": Flag(),
        "instanceTypes": ListOf(computed=True, force_new=True, element=Text()),
        "labels": MapOf(element=Text()),
        "launchTemplate": Block(
            fields={
                "id": Text(computed=True, force_new=True),
                "name": Text(computed=True, force_new=True),
                "version": Text(required=True, min_length=1, max_length=255),
            }
        ),
        "nodeGroupName": Text(
            computed=True, force_new=True, max_length=_NAME_LIMIT, autoname=Autoname(limit=_NAME_LIMIT)
        ),
        "nodeRoleArn": Text(required=True, force_new=True, min_length=1),
        "releaseVersion": Text(computed=True),
        "scalingConfig": Block(
            required=True,
            fields={
                "desiredSize": Integer(required=True, minimum=0),
                "maxSize": Integer(required=True, minimum=1),
                "minSize": Integer(required=True, minimum=0),
            },
        ),
        "subnetIds": SetOf(required=True, force_new=True, min_items=1, element=Text()),
        "taints": SetOf(
            max_items=50,
            element=Block(
                fields={
                    "effect": Text(
                        required=True, choices=("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")
                    ),
                    "key": Text(required=True, min_length=1, max_length=63),
                    "value": Text(max_length=63),
                }
            ),
        ),
        "updateConfig": Block(
            computed=True,
            fields={name: Integer(minimum=1, maximum=100) for name in _UNAVAILABLE},
        ),
        "version": Text(computed=True),
    }
    outputs = ("arn", "resources", "status")

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        template, update = inputs.get("launchTemplate"), inputs.get("updateConfig")
        if isinstance(template, dict):
            if (template.get("id") is None) == (template.get("name") is None):
                failures.append(("launchTemplate", "needs exactly one of id and name"))
            if inputs.get("diskSize") is not None:
                failures.append(("diskSize", "belongs into the launch template when there is one"))
        if isinstance(update, dict) and sum(update.get(name) is not None for name in _UNAVAILABLE) != 1:
            failures.append(("updateConfig", f"needs exactly one of {' and '.join(_UNAVAILABLE)}"))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        cluster, name = inputs["clusterName"], inputs["nodeGroupName"]
        optional = (
            "amiType",
            "capacityType",
            "diskSize",
            "instanceTypes",
            "labels",
            "launchTemplate",
            "releaseVersion",
            "taints",
            "updateConfig",
            "version",
        )
        self.client(inputs).create_nodegroup(
            clusterName=cluster,
            nodegroupName=name,
            nodeRole=inputs["nodeRoleArn"],
            subnets=inputs["subnetIds"],
            scalingConfig=inputs["scalingConfig"],
            tags=self.wanted_tags(inputs),
            **{key: inputs[key] for key in optional if inputs.get(key)},
        )
        identity = f"{cluster}:{name}"
        operation.made(identity, inputs)
        self.settle(operation, lambda: self._describe(identity, inputs))
        return identity

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._describe(identity, state)
        if live is None:
            return None
        groups = (live.get("resources") or {}).get("autoScalingGroups", [])
        found: Properties = {
            "amiType": live.get("amiType"),
            "arn": live["nodegroupArn"],
            "capacityType": live.get("capacityType"),
            "clusterName": live["clusterName"],
            "diskSize": live.get("diskSize"),
            "forceUpdateVersion": state.get("forceUpdateVersion"),
            "instanceTypes": live.get("instanceTypes"),
            "labels": live.get("labels") or {},
            "launchTemplate": live.get("launchTemplate"),
            "nodeGroupName": live["nodegroupName"],
            "nodeRoleArn": live["nodeRole"],
            "releaseVersion": live.get("releaseVersion"),
            "resources": [{"autoscalingGroups": [{"name": group["name"]} for group in groups]}],
            "scalingConfig": {name: live["scalingConfig"].get(name) for name in _SIZES},
            "status": live["status"],
            "subnetIds": live["subnets"],
            "taints": [
                {"effect": taint["effect"], "key": taint["key"], **_unless_empty(taint)}
                for taint in live.get("taints") or []
            ],
            "updateConfig": live.get("updateConfig"),
            "version": live.get("version"),
        }
        return self.live(state, found, live.get("tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        cluster, name = parts(identity)
        client = self.client(new)
        upgrade = {
            key: new[key]
            for key in ("launchTemplate", "releaseVersion", "version")
            if new.get(key) is not None and not self.inputs[key].same(old.get(key), new[key])
        }
        if upgrade:
            # Versions first: EKS refuses a configuration while nodes are replaced.
            client.update_nodegroup_version(
                clusterName=cluster,
                nodegroupName=name,
                force=bool(new.get("forceUpdateVersion")),
                **upgrade,
            )
            self.settle(operation, lambda: self._describe(identity, new))
        change = _configuration(old, new)
        if change:
            client.update_nodegroup_config(clusterName=cluster, nodegroupName=name, **change)
            self.settle(operation, lambda: self._describe(identity, new))

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        cluster, name = parts(identity)
        delete = self.client(state).delete_nodegroup
        if attempt(GONE, delete, clusterName=cluster, nodegroupName=name) is not None:
            operation.until(lambda: self._describe(identity, state) is None)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        identity = f"{inputs['clusterName']}:{inputs['nodeGroupName']}"
        return identity if self._describe(identity, inputs) else None

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        cluster, name = parts(identity)
        call = self.client(properties).describe_nodegroup
        answer = attempt(GONE, call, clusterName=cluster, nodegroupName=name)
        return None if answer is None else answer["nodegroup"]


def _configuration(old: Properties, new: Properties) -> dict[str, Any]:
    """Return what update_nodegroup_config takes to get from the inputs `old` to `new`."""
    change: dict[str, Any] = {}
    for name in ("scalingConfig", "updateConfig"):
        if new.get(name) is not None and new[name] != old.get(name):
            change[name] = new[name]
    before, after = old.get("labels") or {}, new.get("labels") or {}
    if before != after:
        change["labels"] = {
            "addOrUpdateLabels": {key: value for key, value in after.items() if before.get(key) != value},
            "removeLabels": [key for key in before if key not in after],
        }
    held, wanted = old.get("taints") or [], new.get("taints") or []
    added = [taint for taint in wanted if taint not in held]
    kept = {(taint["key"], taint["effect"]) for taint in wanted}
    dropped = [taint for taint in held if (taint["key"], taint["effect"]) not in kept]
    if added or dropped:
        change["taints"] = {"addOrUpdateTaints": added, "removeTaints": dropped}
    return change


def _unless_empty(taint: dict[str, Any]) -> dict[str, str]:
    return {"value": taint["value"]} if taint.get("value") else {}
