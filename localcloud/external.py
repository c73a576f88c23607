"""A cluster of the user's own (kind, k3d, any), named by kube context."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from localcloud.config import ImageImport
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.ports import is_free

_FILE_KEYS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


@dataclass(frozen=True)
class ExternalCluster:
    """The user's cluster. `kubeconfig` is a copy of ours with this one context.

    `host_address` is where pods on it reach this machine; None when that is not known.
    """

    kubeconfig: Path
    context: str
    version: str
    image_import: ImageImport
    image_import_target: str
    host_address: str | None


def attach(context: str, copy: Path, env: Mapping[str, str] | None = None) -> ExternalCluster:
    """Find `context` in the user's kubeconfig, check that its API server answers and write the copy."""
    write_atomic(copy, yaml.safe_dump(only_context(context, os.environ if env is None else env)))
    kind, target = import_method(context)
    return ExternalCluster(
        copy, context, _server_version(context, copy), kind, target, _gateway(kind, target)
    )


def only_context(context: str, env: Mapping[str, str]) -> dict[str, Any]:
    """A kubeconfig with nothing but `context`, its paths made absolute."""
    paths = [Path(part) for part in env.get("KUBECONFIG", "").split(os.pathsep) if part]
    paths = paths or [Path(env.get("HOME", "~")).expanduser() / ".kube" / "config"]
    merged: dict[str, dict[str, Any]] = {"contexts": {}, "clusters": {}, "users": {}}
    for path in paths:
        for kind, entries in _entries(path).items():
            for name, entry in entries.items():
                merged[kind].setdefault(name, entry)
    chosen = merged["contexts"].get(context)
    if chosen is None:
        known = ", ".join(sorted(merged["contexts"])) or "none"
        raise LocalCloudError(
            f"kube context {context!r} is not in {os.pathsep.join(map(str, paths))} (there are: {known})",
            invalid_input=True,
        )
    cluster, user = chosen["context"].get("cluster"), chosen["context"].get("user")
    if cluster not in merged["clusters"] or (user and user not in merged["users"]):
        raise LocalCloudError(
            f"kube context {context!r}: its cluster or user is not in the kubeconfig", invalid_input=True
        )
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [chosen],
        "clusters": [merged["clusters"][cluster]],
        "users": [merged["users"][user]] if user else [],
    }


def import_method(context: str) -> tuple[ImageImport, str]:
    """How an image gets onto the nodes of a cluster, by the names that kind and k3d give to contexts.

    >>> import_method("kind-dev")
    ('kind', 'dev')
    """
    if context.startswith("kind-"):
        return "kind", context.removeprefix("kind-")
    if context.startswith("k3d-"):
        return "k3d", context.removeprefix("k3d-")
    return "none", ""


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        result: dict[str, dict[str, Any]] = {}
        for kind, inner in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
            result[kind] = {}
            for entry in content.get(kind) or []:
                for key in _FILE_KEYS:
                    if entry.get(inner, {}).get(key):
                        entry[inner][key] = str(path.resolve().parent / entry[inner][key])
                result[kind][entry["name"]] = entry
        return result
    except FileNotFoundError:
        return {"contexts": {}, "clusters": {}, "users": {}}
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError):
        raise LocalCloudError(f"{path} is not a kubeconfig", invalid_input=True) from None


def _server_version(context: str, kubeconfig: Path) -> str:
    import urllib3  # noqa: PLC0415
    from kubernetes import client, config  # noqa: PLC0415 - 0.5 s that only this needs

    try:
        api = config.new_client_from_config(str(kubeconfig), context)
        answer: Any = client.VersionApi(api).get_code(_request_timeout=5)
        return str(answer.git_version)
    except (
        config.ConfigException,
        client.ApiException,
        urllib3.exceptions.HTTPError,
        OSError,
        ValueError,
    ) as error:
        reason = str(getattr(error, "reason", None) or error).splitlines()[0]
        raise LocalCloudError(
            f"kube context {context!r}: its API server does not answer ({reason}); start the cluster first"
        ) from None


def _gateway(kind: ImageImport, target: str) -> str | None:
    """This machine's address on the Docker network of the nodes, where pods reach it."""
    network = {"kind": "kind", "k3d": f"k3d-{target}"}.get(kind)
    docker = shutil.which("docker") or shutil.which("podman")
    if network is None or docker is None:
        return None
    template = "{{range .IPAM.Config}}{{.Gateway}} {{end}}"
    try:
        answer = subprocess.run(
            [docker, "network", "inspect", network, "--format", template],
            capture_output=True, text=True, check=False, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    # With Docker Desktop the gateway is inside its virtual machine: no server here can listen on it.
    return next((word for word in answer.stdout.split() if "." in word and is_free(word, 0)), None)
