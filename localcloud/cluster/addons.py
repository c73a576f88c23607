"""What every cluster has beside its servers: cluster DNS, and what the enforcer of NetworkPolicies may read.

The objects are plain documents with the path that each lives at. What CoreDNS needs of
the API, and its Service's name, label and ports, are those of the CoreDNS project's Kubernetes deployment.
"""

from typing import Any

from localcloud.cluster.configuration import CLUSTER_DOMAIN
from localcloud.cluster.plan import NetworkPlan

__all__ = ["corefile", "documents"]

_NAMESPACE = "kube-system"
_POLICIES = "understudy:network-policies"
_LABELS = {"k8s-app": "kube-dns"}
# The usual one: a NetworkPolicy that lets pods ask for names is held against the port of the pod.
_PORT = 53


def corefile() -> str:
    """Return CoreDNS's configuration.

    It answers for the cluster's names and the addresses of its pods and Services, and refuses all else: the
    cluster has no way out of this machine, so nothing is gained by asking further.
    """
    return f""".:{_PORT} {{
    errors
    health :8080 {{
        lameduck 1s
    }}
    ready :8181
    kubernetes {CLUSTER_DOMAIN} in-addr.arpa {{
        pods insecure
        ttl 5
    }}
    cache 5
    loadbalance
    reload
}}
"""


def documents(plan: NetworkPlan, *, image: str) -> list[tuple[str, dict[str, Any]]]:
    """Return every object with its path, in the order in which they are applied.

    Args:
        plan: the cluster's addresses.
        image: reference of the CoreDNS image.
    """
    rbac = "/apis/rbac.authorization.k8s.io/v1"
    core = f"/api/v1/namespaces/{_NAMESPACE}"
    return [
        (f"{core}/serviceaccounts/coredns", _object("v1", "ServiceAccount", "coredns")),
        (f"{rbac}/clusterroles/system:coredns", _dns_role()),
        (f"{rbac}/clusterrolebindings/system:coredns", _dns_binding()),
        (
            f"{core}/configmaps/coredns",
            _object("v1", "ConfigMap", "coredns", data={"Corefile": corefile()}),
        ),
        (f"{core}/services/kube-dns", _dns_service(plan)),
        (f"/apis/apps/v1/namespaces/{_NAMESPACE}/deployments/coredns", _dns_deployment(image)),
        (f"{rbac}/clusterroles/{_POLICIES}", _policies_role()),
        (f"{rbac}/clusterrolebindings/{_POLICIES}", _policies_binding()),
    ]


def _policies_role() -> dict[str, Any]:
    reads = ["list", "watch"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": _POLICIES},
        "rules": [
            {"apiGroups": [""], "resources": ["pods", "namespaces"], "verbs": reads},
            {"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": reads},
        ],
    }


def _policies_binding() -> dict[str, Any]:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": _POLICIES},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": _POLICIES},
        "subjects": [{"kind": "User", "name": _POLICIES, "apiGroup": group}],
    }


def _object(api_version: str, kind: str, name: str, **rest: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "namespace": _NAMESPACE, "labels": _LABELS}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def _dns_role() -> dict[str, Any]:
    reads = ["list", "watch"]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "system:coredns", "labels": _LABELS},
        "rules": [
            {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": reads},
            {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": reads},
        ],
    }


def _dns_binding() -> dict[str, Any]:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "system:coredns", "labels": _LABELS},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:coredns",
        },
        "subjects": [{"kind": "ServiceAccount", "name": "coredns", "namespace": _NAMESPACE}],
    }


def _dns_service(plan: NetworkPlan) -> dict[str, Any]:
    ports = [
        {"name": "dns", "port": 53, "targetPort": _PORT, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "targetPort": _PORT, "protocol": "TCP"},
    ]
    spec = {"clusterIP": str(plan.dns_address), "selector": _LABELS, "ports": ports}
    return _object("v1", "Service", "kube-dns", spec=spec)


def _dns_deployment(image: str) -> dict[str, Any]:
    probes = {
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 2},
        "livenessProbe": {
            "httpGet": {"path": "/health", "port": 8080},
            "initialDelaySeconds": 30,
            "failureThreshold": 5,
        },
    }
    container = {
        "name": "coredns",
        "image": image,
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": _PORT, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": _PORT, "protocol": "TCP"},
        ],
        "resources": {"requests": {"cpu": "10m", "memory": "24Mi"}, "limits": {"memory": "170Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
        **probes,
    }
    pod = {
        "serviceAccountName": "coredns",
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "terminationGracePeriodSeconds": 5,
        # So that no capability is needed for a port below 1024; it holds in the pod's own network only.
        "securityContext": {"sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"}]},
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "coredns"}}],
    }
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": _LABELS},
        "template": {"metadata": {"labels": _LABELS}, "spec": pod},
    }
    return _object("apps/v1", "Deployment", "coredns", spec=spec)
