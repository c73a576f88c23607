"""One cluster: its client, what it serves, and looks at its objects."""

from __future__ import annotations

import time
from typing import Any

from localcloud.kubernetes.client import Client
from localcloud.kubernetes.discovery import Discovery, Served
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.problems import ApiError, UnknownKind

Object = dict[str, Any]


class Cluster:
    """A client and its discovery, with the lookups that several parts need."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.discovery = Discovery(client)

    def served(self, api_version: str, kind: str) -> Served:
        """Return how a kind given as in an object is served."""
        group, _, version = api_version.rpartition("/")
        return self.discovery.served(GroupVersionKind(group, version, kind))

    def find(self, served: Served, namespace: str | None, name: str) -> Object | None:
        """Return an object, or None when there is none."""
        try:
            return self.client.get(served.path(namespace, name))
        except ApiError as error:
            if error.gone:
                return None
            raise

    def list(self, served: Served, namespace: str | None, **query: Any) -> Object:
        """Return the list of objects that the query (labelSelector, fieldSelector, limit) finds."""
        return self.client.get(served.collection(namespace), **query)


class LiveLook:
    """Looks at a cluster for a judgement (`readiness.verdict.Look`)."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._began = time.monotonic()

    @property
    def waited(self) -> float:
        """How long the wait has lasted, in seconds."""
        return time.monotonic() - self._began

    def find(self, api_version: str, kind: str, namespace: str | None, name: str) -> Object | None:
        """Return an object, or None when there is none or it can't be read."""
        try:
            return self._cluster.find(self._cluster.served(api_version, kind), namespace, name)
        except (ApiError, UnknownKind):
            return None

    def list(self, api_version: str, kind: str, namespace: str | None, selector: str) -> list[Object]:
        """Return the objects that a label selector finds; [] when they can't be read."""
        try:
            found = self._cluster.list(
                self._cluster.served(api_version, kind), namespace, labelSelector=selector
            )
        except (ApiError, UnknownKind):
            return []
        return found.get("items", [])


class PastLook(LiveLook):
    """Looks without patience: for the judgement of a refresh, which does not wait."""

    @property
    def waited(self) -> float:
        """Longer than any patience."""
        return float("inf")
