"""The command line of every server of the cluster: pure functions of layout, network plan and ports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localcloud.cluster.certs import KeyPair
from localcloud.cluster.configuration import CLUSTER_DOMAIN, CONTAINERD_SOCKET
from localcloud.cluster.layout import NODE_CLUSTER_DIR, NODE_EXECUTABLES_DIR, NODE_NAME, Layout
from localcloud.cluster.plan import NetworkPlan

__all__ = [
    "CONTROL_PLANE",
    "NODE_SERVERS",
    "SERVICE_ACCOUNT_ISSUER",
    "ControlPlanePorts",
    "Server",
    "control_plane",
    "network_policies",
    "node_servers",
]

SERVICE_ACCOUNT_ISSUER = f"https://kubernetes.default.svc.{CLUSTER_DOMAIN}"
"""Issuer of the tokens that pods get."""

CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
"""Servers that run on this machine itself, in the order in which they start."""

NODE_SERVERS = ("containerd", "kubelet", "kube-proxy", "network-policies")
"""Servers that run in the node, in the order in which they start."""

# Collect garbage a little earlier than Go would: the servers idle, and a developer's memory is dear.
_THRIFTY = {"GOGC": "60"}


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server: its name in logs and pid files, its command, and variables beside the usual ones."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ControlPlanePorts:
    """TCP ports on the host address."""

    api: int
    etcd: int
    etcd_peer: int


def control_plane(
    layout: Layout,
    plan: NetworkPlan,
    ports: ControlPlanePorts,
    pairs: Mapping[str, KeyPair],
    kubernetes: Path,
) -> tuple[Server, ...]:
    """Return the servers that run on this machine itself.

    Args:
        layout: the instance's paths.
        plan: its addresses; the servers listen on the host address only.
        ports: where they listen.
        pairs: certificates by identity.
        kubernetes: the executable that holds the Kubernetes servers.
    """
    return (
        _etcd(layout, plan, ports, pairs),
        _api_server(layout, plan, ports, pairs, str(kubernetes)),
        _controller_manager(layout, pairs, str(kubernetes)),
        _scheduler(layout, str(kubernetes)),
    )


def node_servers(plan: NetworkPlan) -> tuple[Server, ...]:
    """Return the servers that run in the node; their paths are those that the node sees."""
    kubernetes = str(NODE_EXECUTABLES_DIR / "kubernetes")
    config = NODE_CLUSTER_DIR / "config"
    return (
        Server(
            name="containerd",
            argv=("containerd", f"--config={config / 'containerd.toml'}", f"--address={CONTAINERD_SOCKET}"),
        ),
        Server(
            name="kubelet",
            argv=(
                kubernetes,
                "kubelet",
                f"--config={config / 'kubelet.yaml'}",
                f"--kubeconfig={config / 'kubelet.kubeconfig'}",
                f"--hostname-override={NODE_NAME}",
                f"--node-ip={plan.node_address}",
            ),
            env=_THRIFTY,
        ),
        Server(
            name="kube-proxy",
            argv=(kubernetes, "kube-proxy", f"--config={config / 'proxy.yaml'}"),
            env=_THRIFTY,
        ),
    )


def network_policies(layout: Layout, executable: Path) -> Server:
    """Return the server that enforces NetworkPolicies; it enters the node's network only."""
    kubeconfig = layout.configuration / "network-policies.kubeconfig"
    return Server(
        name="network-policies",
        argv=(str(executable), f"--kubeconfig={kubeconfig}", f"--node={NODE_NAME}"),
        env=_THRIFTY,
    )


def _etcd(
    layout: Layout, plan: NetworkPlan, ports: ControlPlanePorts, pairs: Mapping[str, KeyPair]
) -> Server:
    client = f"https://{plan.host_address}:{ports.etcd}"
    peer = f"https://{plan.host_address}:{ports.etcd_peer}"
    pair, authority = pairs["etcd"], pairs["ca"].certificate
    return Server(
        name="etcd",
        argv=(
            "etcd",
            "--name=understudy",
            f"--data-dir={layout.etcd}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=understudy={peer}",
            # Pods reach the host address too: only the API server's certificate opens the database.
            "--client-cert-auth",
            "--peer-client-cert-auth",
            *(
                f"--{prefix}{flag}={path}"
                for prefix in ("", "peer-")
                for flag, path in (
                    ("cert-file", pair.certificate),
                    ("key-file", pair.key),
                    ("trusted-ca-file", authority),
                )
            ),
            # A copy may lose its last seconds when the machine loses power; that buys a fast start.
            "--unsafe-no-fsync",
            "--auto-compaction-retention=10m",
            "--snapshot-count=10000",
            "--logger=zap",
            "--log-level=error",
        ),
    )


def _api_server(
    layout: Layout,
    plan: NetworkPlan,
    ports: ControlPlanePorts,
    pairs: Mapping[str, KeyPair],
    kubernetes: str,
) -> Server:
    host = str(plan.host_address)
    authority = pairs["ca"].certificate
    return Server(
        name="kube-apiserver",
        argv=(
            kubernetes,
            "kube-apiserver",
            f"--bind-address={host}",
            f"--advertise-address={host}",
            f"--secure-port={ports.api}",
            f"--service-cluster-ip-range={plan.services}",
            f"--tls-cert-file={pairs['apiserver'].certificate}",
            f"--tls-private-key-file={pairs['apiserver'].key}",
            f"--client-ca-file={authority}",
            f"--etcd-servers=https://{host}:{ports.etcd}",
            f"--etcd-cafile={authority}",
            f"--etcd-certfile={pairs['etcd-client'].certificate}",
            f"--etcd-keyfile={pairs['etcd-client'].key}",
            f"--kubelet-certificate-authority={authority}",
            f"--kubelet-client-certificate={pairs['apiserver-kubelet-client'].certificate}",
            f"--kubelet-client-key={pairs['apiserver-kubelet-client'].key}",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-issuer={SERVICE_ACCOUNT_ISSUER}",
            f"--service-account-key-file={pairs['service-account'].certificate}",
            f"--service-account-signing-key-file={pairs['service-account'].key}",
            f"--authentication-config={layout.configuration / 'authentication.yaml'}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged=true",
            "--event-ttl=1h",
            "--profiling=false",
        ),
        env=_THRIFTY,
    )


def _controller_manager(layout: Layout, pairs: Mapping[str, KeyPair], kubernetes: str) -> Server:
    config = layout.configuration / "controller-manager.kubeconfig"
    return Server(
        name="kube-controller-manager",
        argv=(
            kubernetes,
            "kube-controller-manager",
            f"--kubeconfig={config}",
            f"--root-ca-file={pairs['ca'].certificate}",
            f"--service-account-private-key-file={pairs['service-account'].key}",
            f"--cluster-signing-cert-file={pairs['ca'].certificate}",
            f"--cluster-signing-key-file={pairs['ca'].key}",
            "--use-service-account-credentials",
            # It makes this folder; the usual one is in /usr.
            f"--flex-volume-plugin-dir={layout.cluster / 'volume-plugins'}",
            "--controllers=*,-node-ipam-controller,-node-route-controller,-service-lb-controller",
            *_quiet(),
        ),
        env=_THRIFTY,
    )


def _scheduler(layout: Layout, kubernetes: str) -> Server:
    config = layout.configuration / "scheduler.kubeconfig"
    return Server(
        name="kube-scheduler",
        argv=(kubernetes, "kube-scheduler", f"--kubeconfig={config}", *_quiet()),
        env=_THRIFTY,
    )


def _quiet() -> tuple[str, ...]:
    # There is one of each, and nobody asks them anything: no election, no port.
    return ("--leader-elect=false", "--secure-port=0", "--profiling=false")
