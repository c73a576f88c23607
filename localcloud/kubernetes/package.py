"""The Kubernetes plugin as the engine sees it: settings, types and functions."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from localcloud.fields import Field, Flag, Text
from localcloud.kubernetes.cluster import Cluster
from localcloud.kubernetes.decode import DecodeYaml
from localcloud.kubernetes.gvk import parse_token
from localcloud.kubernetes.kind import KubernetesType
from localcloud.kubernetes.problems import UnknownCluster
from localcloud.kubernetes.settings import Settings
from localcloud.resource import Function, Package, Properties, ResourceType, UnknownToken
from localcloud.values import UNKNOWN


def _server_side(value: Any) -> str | None:
    return None if value else "can't be false: the local plugin knows server-side apply only; leave it out"


class KubernetesPackage(Package):
    """Every kind of object of one cluster."""

    name = "kubernetes"
    settings: Mapping[str, Field] = {
        "kubeconfig": Text(secret=True),
        "context": Text(),
        "cluster": Text(),
        "namespace": Text(),
        "enableServerSideApply": Flag(check=_server_side),
        "enablePatchForce": Flag(),
        "enableConfigMapMutable": Flag(),
        "enableSecretMutable": Flag(),
        "deleteUnreachable": Flag(),
        "upsertExistingObjects": Flag(),
        # These change no more than which warnings are shown, of which the local plugin has none.
        "suppressDeprecationWarnings": Flag(),
        "suppressHelmHookWarnings": Flag(),
        # Names a cluster for the official plugin's decision whether a provider must be replaced.
        "clusterIdentifier": Text(),
    }

    def __init__(self) -> None:
        self.version = version("pulumi-kubernetes")
        self._given: Properties = {}
        self._cluster: Cluster | None = None
        self._lock = threading.Lock()
        self.object_settings = Settings()
        self.known: set[tuple[str, str]] = set()

    def configure(self, settings: Properties) -> None:
        self._given = settings
        self._cluster = None
        namespace = settings.get("namespace")
        self.object_settings = Settings(
            namespace=namespace if isinstance(namespace, str) and namespace else None,
            force=settings.get("enablePatchForce") is True,
            delete_unreachable=settings.get("deleteUnreachable") is True,
            mutable_secrets=settings.get("enableSecretMutable") is True,
            mutable_config_maps=settings.get("enableConfigMapMutable") is True,
            adopt_existing=settings.get("upsertExistingObjects") is True,
        )

    def resource(self, token: str) -> ResourceType:
        return KubernetesType(token, parse_token(token), _Connection(self))

    def function(self, token: str) -> Function:
        if token == DecodeYaml.token:
            return DecodeYaml()
        raise UnknownToken(
            f"{token} is not implemented by the local Kubernetes plugin, which has {DecodeYaml.token} only; "
            "use the official plugin"
        )

    def cluster(self) -> Cluster:
        """Return the cluster that the settings lead to; the way to it is made once."""
        with self._lock:
            if self._cluster is None:
                self._cluster = self._connect()
            return self._cluster

    def _connect(self) -> Cluster:
        # The official client is imported when it is needed: a preview without objects does without.
        from localcloud.kubernetes.client import Client  # noqa: PLC0415
        from localcloud.kubernetes.kubeconfig import load_access  # noqa: PLC0415

        given = {name: self._given.get(name) for name in ("kubeconfig", "context", "cluster")}
        for name, value in given.items():
            if value is UNKNOWN:
                raise UnknownCluster(f"provider setting {name} is not known before deployment")
        return Cluster(Client(load_access(**given)))


class _Connection:
    """The package as a type sees it."""

    def __init__(self, owner: KubernetesPackage) -> None:
        self._owner = owner

    @property
    def known(self) -> set[tuple[str, str]]:
        """Tokens and ids of the objects that the engine has shown to know."""
        return self._owner.known

    @property
    def settings(self) -> Settings:
        """The provider's settings."""
        return self._owner.object_settings

    def cluster(self) -> Cluster:
        """Return the cluster."""
        return self._owner.cluster()


def package() -> Package:
    """Return the plugin."""
    return KubernetesPackage()
