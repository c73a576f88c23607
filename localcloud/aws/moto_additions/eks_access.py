"""EKS access entries, which moto does not know: they are kept with their cluster."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.eks.exceptions import InvalidParameterException, ResourceInUseException, ResourceNotFoundException
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

PATHS = (
    "/clusters/(?P<name>[^/]+)/access-entries$",
    "/clusters/(?P<name>[^/]+)/access-entries/(?P<principalArn>.+)$",
)


def install() -> None:
    """Add the operations to moto."""
    added: Any = EKSResponse
    added.create_access_entry = _create
    added.describe_access_entry = _describe
    added.update_access_entry = _update
    added.delete_access_entry = _delete
    added.list_access_entries = _list


def of(cluster: Cluster) -> dict[str, dict[str, Any]]:
    """The access entries of a cluster, by principal."""
    kept: Any = cluster
    if not hasattr(kept, "access_entries"):
        kept.access_entries = {}
    return kept.access_entries


def _create(self: EKSResponse) -> ActionResult:
    cluster, principal = self.eks_backend.describe_cluster(self._get_param("name")), _principal(self)
    if principal in of(cluster):
        raise ResourceInUseException(message=f"The specified access entry for {principal} exists already")
    groups = self._get_param("kubernetesGroups") or []
    _check(groups)
    now = utcnow()
    kind, name = principal.rsplit(":", 1)[-1].split("/", 1)
    place = cluster.arn.replace(":cluster/", ":access-entry/")
    mark = f"{kind}/{self.current_account}/{name.rsplit('/', 1)[-1]}/{mock_random.uuid4()}"
    of(cluster)[principal] = {
        "accessEntryArn": f"{place}/{mark}",
        "clusterName": cluster.name,
        "principalArn": principal,
        "kubernetesGroups": groups,
        "username": self._get_param("username") or principal,
        "type": self._get_param("type") or "STANDARD",
        "createdAt": now,
        "modifiedAt": now,
        "tags": self._get_param("tags") or {},
    }
    return ActionResult({"accessEntry": of(cluster)[principal]})


def _describe(self: EKSResponse) -> ActionResult:
    return ActionResult({"accessEntry": _find(self)})


def _update(self: EKSResponse) -> ActionResult:
    entry = _find(self)
    groups = self._get_param("kubernetesGroups")
    if groups is not None:
        _check(groups)
        entry["kubernetesGroups"] = groups
    if self._get_param("username"):
        entry["username"] = self._get_param("username")
    entry["modifiedAt"] = utcnow()
    return ActionResult({"accessEntry": entry})


def _delete(self: EKSResponse) -> EmptyResult:
    entry = _find(self)
    of(self.eks_backend.describe_cluster(self._get_param("name"))).pop(entry["principalArn"])
    return EmptyResult()


def _list(self: EKSResponse) -> ActionResult:
    cluster = self.eks_backend.describe_cluster(self._get_param("name"))
    return ActionResult({"accessEntries": list(of(cluster))})


def _find(self: EKSResponse) -> dict[str, Any]:
    cluster, principal = self.eks_backend.describe_cluster(self._get_param("name")), _principal(self)
    if principal not in of(cluster):
        raise ResourceNotFoundException(message=f"The access entry for {principal} was not found")
    return of(cluster)[principal]


def _principal(self: EKSResponse) -> str:
    # In a path it holds slashes, which moto would end it at.
    _, separator, behind = unquote(self.path).partition("/access-entries/")
    return behind if separator else self._get_param("principalArn")


def _check(groups: list[str]) -> None:
    for group in groups:
        if group.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
            raise InvalidParameterException(message=f"The kubernetes group name {group} is reserved")
