"""Where one instance of the cluster keeps its files, and what its things on this machine are called."""

from dataclasses import dataclass
from pathlib import Path

from localcloud.paths import instance_id

__all__ = ["NODE_CLUSTER_DIR", "NODE_EXECUTABLES_DIR", "NODE_NAME", "Layout"]

NODE_NAME = "understudy"
"""Name of the one node."""

NODE_CLUSTER_DIR = Path("/run/understudy/cluster")
"""Where the node sees :attr:`Layout.cluster`: the same path in every instance, and a short one."""

NODE_EXECUTABLES_DIR = Path("/run/understudy/bin")
"""Where the node sees the folder with the Kubernetes executables."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Paths and names of one instance.

    Example:
        >>> layout = Layout(data_dir=Path("/tmp/understudy"))
        >>> layout.kubeconfig.relative_to(layout.data_dir)
        PosixPath('cluster/admin.kubeconfig')
    """

    data_dir: Path

    @property
    def instance(self) -> str:
        """Eight hex digits that name this instance on the machine."""
        return instance_id(self.data_dir)

    @property
    def cluster(self) -> Path:
        """Everything of the cluster."""
        return self.data_dir / "cluster"

    @property
    def certificates(self) -> Path:
        """Keys and certificates of the servers."""
        return self.cluster / "pki"

    @property
    def configuration(self) -> Path:
        """Configuration files and the servers' own kubeconfigs."""
        return self.cluster / "config"

    @property
    def etcd(self) -> Path:
        """The cluster's database."""
        return self.cluster / "etcd"

    @property
    def containerd(self) -> Path:
        """Images and containers; the node sees it as /var/lib/containerd."""
        return self.cluster / "containerd"

    @property
    def kubelet(self) -> Path:
        """Volumes of the pods; the node sees it as /var/lib/kubelet."""
        return self.cluster / "kubelet"

    @property
    def pod_logs(self) -> Path:
        """Logs of the pods' containers."""
        return self.cluster / "pod-logs"

    @property
    def network(self) -> Path:
        """The network plan that was chosen."""
        return self.cluster / "network.json"

    @property
    def lock(self) -> Path:
        """Held while something of the cluster is changed."""
        return self.data_dir / "cluster.lock"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.cluster / "admin.kubeconfig"

    @property
    def context(self) -> str:
        """Name of the cluster, of its context, and of its control group."""
        return f"understudy-{self.instance}"

    @property
    def device(self) -> str:
        """This machine's end of the link to the node (at most 15 characters)."""
        return f"us-{self.instance}"
