"""Resource tokens and the group, version and kind that they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from localcloud.resource import UnknownToken

_TOKEN = re.compile(r"kubernetes:(?P<group>[^/:]+)/(?P<version>[^/:]+):(?P<kind>[A-Z][A-Za-z0-9]*)")

# Helpers of the SDK that are no Kubernetes objects, and what to use in their stead.
_HELPERS = {
    "helm.sh": "Helm releases and charts",
    "kustomize": "Kustomize directories",
    "yaml": "YAML files as a component of the plugin",
}
_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?")


@dataclass(frozen=True)
class GroupVersionKind:
    """A kind of object; `group` is empty for the core group."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """The ``apiVersion`` of its objects, as in ``apps/v1`` or ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def path(self) -> str:
        """The path of its group and version on the API server."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"


def parse_token(token: str) -> GroupVersionKind:
    """Return the kind that a resource token names; raise `UnknownToken` for one that names no object.

    >>> parse_token("kubernetes:core/v1:Pod")
    GroupVersionKind(group='', version='v1', kind='Pod')
    >>> parse_token("kubernetes:apps/v1:Deployment").api_version
    'apps/v1'
    """
    parts = token.split(":")
    module = parts[1].split("/")[0] if len(parts) > 1 else ""
    if module in _HELPERS:
        raise UnknownToken(
            f"{token}: {_HELPERS[module]} are not implemented by the local plugin; "
            "declare the objects themselves, or use the official plugin"
        )
    match = _TOKEN.fullmatch(token)
    if match is None or not _VERSION.fullmatch(match["version"]):
        raise UnknownToken(f"{token} is not a kind of Kubernetes object (kubernetes:GROUP/VERSION:KIND)")
    group = "" if match["group"] == "core" else match["group"]
    built_in = group in _BUILT_IN or group.endswith(".k8s.io")
    kind = match["kind"]
    if built_in and kind.endswith("Patch") and kind != "Patch":
        raise UnknownToken(
            f"{token}: Patch resources are not implemented by the local plugin; "
            f"manage the {kind.removesuffix('Patch')} itself, or use the official plugin"
        )
    if built_in and kind.endswith("List") and kind != "List":
        raise UnknownToken(
            f"{token}: a list is no object of its own; declare each {kind.removesuffix('List')} by itself"
        )
    return GroupVersionKind(group, match["version"], kind)


_BUILT_IN = frozenset({"", "apps", "autoscaling", "batch", "extensions", "meta", "policy"})
