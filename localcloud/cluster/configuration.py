"""The configuration files of the cluster's servers, as text: pure functions of the network plan.

Paths in them are those that the node sees (see :mod:`localcloud.cluster.namespace`), which are the same in
every instance; what runs on this machine itself is configured by flags, in :mod:`localcloud.cluster.servers`.
"""

import base64
import json
from pathlib import Path
from typing import Any

import yaml

from localcloud.cluster.certs import KeyPair
from localcloud.cluster.layout import NODE_CLUSTER_DIR, NODE_NAME
from localcloud.cluster.plan import NetworkPlan

__all__ = [
    "CLUSTER_DOMAIN",
    "CONTAINERD_SOCKET",
    "PAUSE_IMAGE",
    "POLICY_CHAIN",
    "POLICY_QUEUE",
    "authentication",
    "cni",
    "containerd",
    "kubeconfig",
    "kubelet",
    "policy_rules",
    "proxy",
    "resolver",
]

CLUSTER_DOMAIN = "cluster.local"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "understudy.local/pause:1"
POLICY_CHAIN = "UNDERSTUDY-POLICIES"
POLICY_QUEUE = 100
"""Where the enforcer of NetworkPolicies listens; it is its own default."""

_CLUSTER_PKI = NODE_CLUSTER_DIR / "pki"
_CLUSTER_CONFIG = NODE_CLUSTER_DIR / "config"


def kubeconfig(*, server: str, name: str, authority: Path, client: KeyPair) -> str:
    """Return a kubeconfig that holds its certificates itself, so that it can be copied.

    Args:
        server: URL of the API server.
        name: name of its cluster, user and context.
        authority: certificate of the authority that the API server is checked against.
        client: certificate and key of the user.
    """
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {
                    "name": name,
                    "cluster": {"server": server, "certificate-authority-data": _encoded(authority)},
                }
            ],
            "users": [
                {
                    "name": name,
                    "user": {
                        "client-certificate-data": _encoded(client.certificate),
                        "client-key-data": _encoded(client.key),
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        },
        sort_keys=False,
    )


def authentication() -> str:
    """Return the API server's authentication configuration: nobody is anonymous but a health check."""
    return yaml.safe_dump(
        {
            "apiVersion": "apiserver.config.k8s.io/v1",
            "kind": "AuthenticationConfiguration",
            "anonymous": {
                "enabled": True,
                "conditions": [{"path": path} for path in ("/livez", "/readyz", "/healthz")],
            },
        }
    )


def kubelet(plan: NetworkPlan, *, control_group: str) -> str:
    """Return the kubelet's configuration.

    Args:
        plan: the cluster's addresses.
        control_group: name of the control group that holds the pods' ones.
    """
    return _component(
        "kubelet.config.k8s.io/v1beta1",
        "KubeletConfiguration",
        address=str(plan.node_address),
        authentication={
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(_CLUSTER_PKI / "ca.crt")},
        },
        authorization={"mode": "Webhook"},
        tlsCertFile=str(_CLUSTER_PKI / "kubelet.crt"),
        tlsPrivateKeyFile=str(_CLUSTER_PKI / "kubelet.key"),
        clusterDNS=[str(plan.dns_address)],
        clusterDomain=CLUSTER_DOMAIN,
        # A file of ours: this machine's search domains and name servers mean nothing to a pod.
        resolvConf=str(_CLUSTER_CONFIG / "resolv.conf"),
        containerRuntimeEndpoint=f"unix://{CONTAINERD_SOCKET}",
        podLogsDir=str(NODE_CLUSTER_DIR / "pod-logs"),
        volumePluginDir="/var/lib/kubelet/volume-plugins",
        cgroupRoot=f"/{control_group}",
        cgroupDriver="cgroupfs",
        # Machines with control groups v1 and with swap are fine for a copy.
        failCgroupV1=False,
        failSwapOn=False,
        oomScoreAdj=0,
        # Images are imported, not pulled, so one that is removed could not come back: no image GC, and no
        # eviction because the developer's disk is full.
        imageGCHighThresholdPercent=100,
        evictionHard={"memory.available": "64Mi"},
        registryPullQPS=0,
        serializeImagePulls=False,
        # A crashed container is tried again soon: somebody waits for it.
        crashLoopBackOff={"maxContainerRestartPeriod": "20s"},
        nodeStatusReportFrequency="1m",
        enableProfilingHandler=False,
        enableDebugFlagsHandler=False,
        containerLogMaxSize="10Mi",
        containerLogMaxFiles=2,
    )


def proxy(plan: NetworkPlan) -> str:
    """Return kube-proxy's configuration."""
    return _component(
        "kubeproxy.config.k8s.io/v1alpha1",
        "KubeProxyConfiguration",
        mode="iptables",
        bindAddress=str(plan.node_address),
        hostnameOverride=NODE_NAME,
        clientConnection={"kubeconfig": str(_CLUSTER_CONFIG / "proxy.kubeconfig")},
        clusterCIDR=str(plan.pods),
        detectLocalMode="ClusterCIDR",
        iptables={"localhostNodePorts": False, "minSyncPeriod": "100ms"},
        # The limits of connection tracking belong to the whole machine: leave them alone.
        conntrack={
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        oomScoreAdj=0,
        healthzBindAddress="127.0.0.1:10256",
        metricsBindAddress="127.0.0.1:10249",
    )


def containerd(*, cni_plugins: Path, sandbox_image: str = PAUSE_IMAGE) -> str:
    """Return containerd's configuration.

    Args:
        cni_plugins: folder with the CNI plugins.
        sandbox_image: image of every pod's first container.
    """
    cri = 'plugins."io.containerd.grpc.v1.cri"'
    return f"""version = 2
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.internal.v1.tracing",
]

[{cri}]
  sandbox_image = {json.dumps(sandbox_image)}
  # Root may not lower a process's OOM score in a container of its own.
  restrict_oom_score_adj = true
  # A loaded profile would stay in the kernel after the cluster is gone.
  disable_apparmor = true

[{cri}.cni]
  bin_dir = {json.dumps(str(cni_plugins))}
  conf_dir = {json.dumps(str(_CLUSTER_CONFIG / "cni"))}

[{cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[{cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[{cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def cni(plan: NetworkPlan) -> str:
    """Return the pod network: a pair of devices per pod, routed, with addresses from the plan."""
    return json.dumps(
        {
            "cniVersion": "1.0.0",
            "name": "understudy",
            "plugins": [
                {
                    "type": "ptp",
                    "ipam": {
                        "type": "host-local",
                        # In the node's own /run: pods are made anew at each start, and so are addresses.
                        "dataDir": "/run/understudy/addresses",
                        "ranges": [[{"subnet": str(plan.pods)}]],
                        "routes": [{"dst": "0.0.0.0/0"}],
                    },
                },
                {"type": "portmap", "capabilities": {"portMappings": True}},
            ],
        },
        indent=2,
    )


def policy_rules(plan: NetworkPlan) -> str:
    """Return the rules, for iptables-restore, that ask the enforcer of NetworkPolicies about new connections.

    The enforcer has rules of its own, in nftables, but a kernel may have no queue there (CONFIG_NFT_QUEUE)
    and still have this one. With `bypass` everything passes while it does not run. The rules come after the
    translation of a Service's address and before that of the sender's; what the node's own root sends, such
    as probes, is not asked about.
    """
    queue = f"-j NFQUEUE --queue-num {POLICY_QUEUE} --queue-bypass"
    return f"""*mangle
:{POLICY_CHAIN} - [0:0]
-A {POLICY_CHAIN} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
-A {POLICY_CHAIN} -m owner --uid-owner 0 -j RETURN
-A {POLICY_CHAIN} -s {plan.pods} {queue}
-A {POLICY_CHAIN} -d {plan.pods} {queue}
COMMIT
"""


def resolver() -> str:
    """Return the resolver file that pods inherit: no search domain, no server beside the cluster's own."""
    return "options ndots:1\n"


def _component(api_version: str, kind: str, **fields: Any) -> str:
    return yaml.safe_dump({"apiVersion": api_version, "kind": kind, **fields}, sort_keys=False)


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
