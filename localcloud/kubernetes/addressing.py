"""Where the objects of one kind are: their paths, namespaces and bodies, and who applies them."""

from __future__ import annotations

from typing import Any

from localcloud.kubernetes import annotations as notes
from localcloud.kubernetes.applying import Applier
from localcloud.kubernetes.discovery import Served, known_cluster_wide
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.naming import field_manager, name_of, namespace_of
from localcloud.kubernetes.objects import MANAGER_KEY, body_of
from localcloud.kubernetes.settings import Connection
from localcloud.resource import LocalError, Properties
from localcloud.values import reveal

# Groups all of whose kinds but those of `known_cluster_wide` live in namespaces: no need to ask.
_ALWAYS_NAMESPACED = frozenset({"", "apps", "batch", "autoscaling", "policy"})


class Addressing:
    """Finds the objects of `kind` in the cluster that `connection` leads to."""

    def __init__(self, kind: GroupVersionKind, connection: Connection) -> None:
        self.kind = kind
        self.connection = connection

    def applier(self, inputs: Properties) -> Applier:
        force = self.connection.settings.force or notes.is_true(inputs, notes.PATCH_FORCE)
        manager = inputs.get(MANAGER_KEY) or field_manager(str(name_of(inputs)))
        return Applier(self.connection.cluster().client, manager, force=force)

    def body(self, inputs: Properties, served: Served) -> dict[str, Any]:
        body = body_of(reveal(inputs), self.kind)
        if not served.namespaced:
            body["metadata"] = {k: v for k, v in body["metadata"].items() if k != "namespace"}
        return body

    def served(self) -> Served:
        return self.connection.cluster().discovery.served(self.kind)

    def target(self, inputs: Properties) -> tuple[str | None, str]:
        """Return where the object of some inputs is, or will be."""
        namespace = namespace_of(inputs) or self.default_namespace()
        return (namespace if self.served().namespaced else None), name_of(inputs)

    def place(self, target: tuple[str | None, str]) -> tuple[Served, str]:
        """Return how the kind is served and the path of the object."""
        served = self.served()
        namespace, name = target
        return served, served.path(namespace or "default" if served.namespaced else None, name)

    def namespaced(self) -> bool:
        """Tell whether the kind lives in namespaces; a kind that nobody knows yet is taken to."""
        if known_cluster_wide(self.kind):
            return False
        if self.kind.group in _ALWAYS_NAMESPACED:
            return True
        try:
            return self.served().namespaced
        except LocalError:
            return True

    def default_namespace(self) -> str:
        """Return the namespace of objects that name none."""
        if self.connection.settings.namespace:
            return self.connection.settings.namespace
        try:
            return self.connection.cluster().client.namespace
        except LocalError:
            return "default"
