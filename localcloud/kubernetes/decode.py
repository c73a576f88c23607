"""The function ``kubernetes:yaml:decode``, by which the SDK's ConfigFile and ConfigGroup read YAML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from localcloud.fields import Field, Text
from localcloud.kubernetes.discovery import known_cluster_wide
from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.resource import Function, LocalError, Properties, Source


class DecodeYaml(Function):
    """Turns YAML documents into objects."""

    token = "kubernetes:yaml:decode"  # noqa: S105 - the name of a function
    source = Source(
        "github.com/pulumi/pulumi-kubernetes",
        "provider/pkg/provider/invoke_decode_yaml.go",
        "94977969d64112b04e19945818a7d5d5f38f631d",
    )
    inputs: Mapping[str, Field] = {"text": Text(required=True), "defaultNamespace": Text()}

    def call(self, arguments: Properties) -> Properties:
        return {"result": decode_yaml(arguments["text"], arguments.get("defaultNamespace"))}


def decode_yaml(text: str, namespace: str | None = None) -> list[dict[str, Any]]:
    """Return the objects of all documents; documents without kind or apiVersion are left out.

    >>> decode_yaml("apiVersion: v1\\nkind: Pod")
    [{'apiVersion': 'v1', 'kind': 'Pod'}]
    """
    try:
        documents = list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as error:
        raise LocalError(f"the YAML can't be read: {' '.join(str(error).split())}") from None
    found: list[dict[str, Any]] = []
    for each in documents:
        if not isinstance(each, dict) or not each.get("kind") or not each.get("apiVersion"):
            continue
        if namespace and not known_cluster_wide(_kind(each)):
            metadata = each.get("metadata") or {}
            each["metadata"] = {**metadata, "namespace": metadata.get("namespace") or namespace}
        found.append(each)
    return found


def _kind(obj: dict[str, Any]) -> GroupVersionKind:
    group, _, version = str(obj["apiVersion"]).rpartition("/")
    return GroupVersionKind(group, version, str(obj["kind"]))


class _Loader(yaml.SafeLoader):
    """Reads YAML as Kubernetes does: a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
