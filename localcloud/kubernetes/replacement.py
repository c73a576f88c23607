"""Which properties of which kinds can't be changed in place.

Source: pulumi/pulumi-kubernetes provider/pkg/provider/diff.go @ 94977969d641. What that table does not
know, such as a custom resource's immutable field, the API server's own dry-run finds (`immutable_fields`).
"""

from __future__ import annotations

import re
from typing import Any

from localcloud.kubernetes.gvk import GroupVersionKind
from localcloud.kubernetes.objects import is_secret

Path = tuple[str | int, ...]

_NAME = ("metadata.name", "metadata.namespace")
_SELECTOR = ("spec.selector",)
_CONTAINER = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]
_POD = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_VOLUME = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
]

_TABLE: dict[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): _SELECTOR,
    ("apps", "Deployment"): _SELECTOR,
    ("apps", "StatefulSet"): (
        *_SELECTOR,
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): (*_SELECTOR, "spec.completions", "spec.parallelism", "spec.template"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io", "StorageClass"): ("parameters", "provisioner"),
    ("", "PersistentVolume"): tuple(f"spec.{name}" for name in _VOLUME),
    ("", "PersistentVolumeClaim"): (
        *_SELECTOR,
        "spec.accessModes",
        "spec.storageClassName",
        "spec.volumeName",
    ),
    ("", "Pod"): (
        *(f"spec.{name}" for name in _POD),
        *(f"spec.{holder}.*.{name}" for holder in ("containers", "initContainers") for name in _CONTAINER),
    ),
    ("", "ResourceQuota"): ("spec.scopes",),
    ("", "Service"): ("spec.clusterIP",),
}

_IMMUTABLE = re.compile(
    r"immutable|may not (be changed|change|be updated)|can ?not be (changed|updated|modified)|"
    r"is forbidden after creation|updates to .* are forbidden|forbidden: updates to|"
    r"may not be modified",
    re.IGNORECASE,
)


def replacing_paths(
    kind: GroupVersionKind, inputs: dict[str, Any], *, mutable_secrets: bool, mutable_config_maps: bool
) -> list[tuple[str, ...]]:
    """Return the paths whose change needs a new object; ``*`` stands for any index of a list."""
    paths = [*_NAME]
    frozen = inputs.get("immutable") is True
    if is_secret(inputs) and (frozen or not mutable_secrets):
        paths += ["type", "stringData", "data"]
    elif is_secret(inputs):
        paths += ["type"]
    elif kind == GroupVersionKind("", "v1", "ConfigMap") and (frozen or not mutable_config_maps):
        paths += ["binaryData", "data"]
    else:
        paths += _TABLE.get((kind.group, kind.kind), ())
    return [tuple(path.split(".")) for path in paths]


def needs_replacement(paths: list[tuple[str, ...]], changed: Path, value: Any) -> bool:
    """Tell whether a change at `changed`, where `value` came or went, touches one of `paths`."""
    return any(_touches(pattern, changed, value) for pattern in paths)


def _touches(pattern: tuple[str, ...], changed: Path, value: Any) -> bool:
    for index, part in enumerate(pattern):
        if index >= len(changed):
            return _contains(pattern[index:], value)
        here = changed[index]
        if part == "*":
            if not isinstance(here, int):
                return False
        elif part != here:
            return False
    return True


def _contains(rest: tuple[str, ...], value: Any) -> bool:
    """Tell whether a value that came or went as a whole has something at the path `rest`."""
    if not rest:
        return True
    if rest[0] == "*":
        return isinstance(value, list) and any(_contains(rest[1:], item) for item in value)
    return isinstance(value, dict) and rest[0] in value and _contains(rest[1:], value[rest[0]])


def immutable_fields(causes: list[tuple[str, str]], message: str) -> list[str] | None:
    """Return the fields that the API server calls immutable, [] if it names none, None if that is not it.

    `causes` are the pairs of field and message of its answer 422.
    """
    named = [field for field, text in causes if _IMMUTABLE.search(text)]
    if named:
        return named
    return [] if _IMMUTABLE.search(message) else None
