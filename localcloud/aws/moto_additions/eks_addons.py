"""EKS add-ons, which moto does not know: they are kept with their cluster."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

PATHS = (
    "/clusters/(?P<name>[^/]+)/addons$",
    "/clusters/(?P<name>[^/]+)/addons/(?P<addonName>[^/]+)$",
    "/clusters/(?P<name>[^/]+)/addons/(?P<addonName>[^/]+)/update$",
)

_CHANGED = ("addonVersion", "configurationValues", "serviceAccountRoleArn")


def install() -> None:
    """Add the operations to moto."""
    added: Any = EKSResponse
    added.create_addon = _create
    added.describe_addon = _describe
    added.update_addon = _update
    added.delete_addon = _delete
    added.list_addons = _list


def of(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """The add-ons of a cluster, by name."""
    kept: Any = cluster
    if not hasattr(kept, "addons"):
        kept.addons = {}
    return kept.addons


def _create(self: EKSResponse) -> ActionResult:
    cluster, name = self.eks_backend.describe_cluster(self._get_param("name")), self._get_param("addonName")
    if name in of(cluster):
        raise ResourceInUseException(message=f"Addon {name} exists already in cluster {cluster.name}")
    arn = f"{cluster.arn.replace(':cluster/', ':addon/')}/{name}/{mock_random.uuid4()}"
    now = utcnow()
    addon: dict[str, Any] = {
        "addonName": name,
        "addonArn": arn,
        "clusterName": cluster.name,
        "addonVersion": "v1.0.0-eksbuild.1",
        "status": "ACTIVE",
        "health": {"issues": []},
        "createdAt": now,
        "modifiedAt": now,
        "tags": self._get_param("tags") or {},
    }
    of(cluster)[name] = addon | _given(self)
    return ActionResult({"addon": of(cluster)[name]})


def _describe(self: EKSResponse) -> ActionResult:
    return ActionResult({"addon": _find(self)})


def _update(self: EKSResponse) -> ActionResult:
    addon = _find(self)
    addon.update(_given(self), modifiedAt=utcnow())
    update = {
        "id": str(mock_random.uuid4()),
        "status": "Successful",
        "type": "AddonUpdate",
        "params": [],
        "createdAt": utcnow(),
        "errors": [],
    }
    return ActionResult({"update": update})


def _delete(self: EKSResponse) -> ActionResult:
    addon = _find(self)
    of(self.eks_backend.describe_cluster(self._get_param("name"))).pop(addon["addonName"])
    return ActionResult({"addon": {**addon, "status": "DELETING"}})


def _list(self: EKSResponse) -> ActionResult:
    return ActionResult({"addons": list(of(self.eks_backend.describe_cluster(self._get_param("name"))))})


def _find(self: EKSResponse) -> dict[str, Any]:
    cluster, name = self.eks_backend.describe_cluster(self._get_param("name")), self._get_param("addonName")
    if name not in of(cluster):
        raise ResourceNotFoundException(message=f"No addon: {name} found in cluster: {cluster.name}")
    return of(cluster)[name]


def _given(self: EKSResponse) -> dict[str, Any]:
    return {key: self._get_param(key) for key in _CHANGED if self._get_param(key) is not None}
