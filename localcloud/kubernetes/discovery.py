"""Which kinds the API server serves, under which paths, and whether they live in namespaces."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from urllib.parse import quote

from localcloud.kubernetes.client import Client
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.problems import ApiError, UnknownKind

# For a check while no API server can be asked: the built-in kinds without namespaces.
_CLUSTER_WIDE = frozenset(
    {
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "IPAddress",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)


def known_cluster_wide(kind: GroupVersionKind) -> bool:
    """Tell whether a kind is built in and without namespaces."""
    built_in = not kind.group or "." not in kind.group or kind.group.endswith(".k8s.io")
    return built_in and kind.kind in _CLUSTER_WIDE


@dataclass(frozen=True)
class Served:
    """A kind as the API server serves it."""

    kind: GroupVersionKind
    plural: str
    namespaced: bool

    def collection(self, namespace: str | None) -> str:
        """Return the path of all its objects, in one namespace or in all (None)."""
        place = f"/namespaces/{quote(namespace)}" if self.namespaced and namespace else ""
        return f"{self.kind.path}{place}/{self.plural}"

    def path(self, namespace: str | None, name: str) -> str:
        """Return the path of one object."""
        return f"{self.collection(namespace)}/{quote(name)}"


class Discovery:
    """Finds out what is served, and remembers it; what is missing is asked for anew each time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[GroupVersionKind, Served] = {}
        self._lock = threading.Lock()

    def served(self, kind: GroupVersionKind) -> Served:
        """Return how `kind` is served; raise `UnknownKind` when it is not."""
        with self._lock:
            if kind not in self._known:
                self._ask(kind)
            found = self._known.get(kind)
        if found is None:
            raise UnknownKind(
                f"the API server knows no {kind.kind} in {kind.api_version}: "
                "create its CustomResourceDefinition first (dependsOn), or use an apiVersion that it serves"
            )
        return found

    def _ask(self, kind: GroupVersionKind) -> None:
        try:
            answer = self._client.get(kind.path)
        except ApiError as error:
            if error.gone:
                return
            raise
        for each in answer.get("resources", []):
            if "/" not in each["name"]:
                found = GroupVersionKind(kind.group, kind.version, each["kind"])
                self._known[found] = Served(found, each["name"], bool(each.get("namespaced")))
