"""The local cloud's own Kubernetes: one node, from source, in namespaces of its own.

:class:`Node` starts, watches, stops and wipes it. Every step may be repeated: a run that was killed at any
moment is finished by the next one.
"""

import contextlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from localcloud.cluster import binaries, cgroups, leftovers, processes, requirements
from localcloud.cluster.images import Image, ImageStore
from localcloud.cluster.layout import Layout
from localcloud.cluster.namespace import HOLDER, Namespace, remove_device
from localcloud.cluster.plan import NetworkPlan
from localcloud.cluster.planning import forget_ports, planned, recorded_plan
from localcloud.cluster.servers import CONTROL_PLANE, NODE_SERVERS, SERVICE_ACCOUNT_ISSUER
from localcloud.cluster.start import Starter
from localcloud.errors import LocalCloudError
from localcloud.files import locked
from localcloud.supervise import Supervisor

__all__ = ["ClusterInfo", "ClusterStatus", "Node"]

Progress = Callable[[str], None]

# Long enough for a service to finish what it is doing, short enough for somebody who waits.
_POD_GRACE_SECONDS = 3.0
_SERVER_GRACE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class ClusterInfo:
    """What others need to use the cluster.

    Attributes:
        kubeconfig: the administrator's kubeconfig (mode 0600).
        context: name of its context.
        host_address: address of this machine towards the cluster; both reach a server that listens on it.
        node_address: address of the node; node ports are there.
        pod_cidr: addresses of pods.
        service_cidr: addresses of Services; this machine reaches those too.
        dns_address: cluster DNS.
        service_account_issuer: issuer of the tokens that pods get.
    """

    kubeconfig: Path
    context: str
    host_address: str
    node_address: str
    pod_cidr: str
    service_cidr: str
    dns_address: str
    service_account_issuer: str


@dataclass(frozen=True, kw_only=True)
class ClusterStatus:
    """How the cluster is.

    Attributes:
        servers: each server of the cluster, in the order in which they start, and whether it runs.
        info: how to use it; None before its first start.
    """

    servers: dict[str, bool]
    info: ClusterInfo | None

    @property
    def running(self) -> bool:
        """Whether every server runs."""
        return all(self.servers.values())

    @property
    def stopped(self) -> bool:
        """Whether none does."""
        return not any(self.servers.values())


class Node:
    """The cluster of one data folder. It needs Linux and root.

    Example::

        node = Node(data_dir(), cache_dir())
        info = node.up(print)
        node.import_image(Path("orders.tar"), "orders@sha256:…")
        node.down()

    Args:
        data_dir: the instance's data folder.
        cache_dir: folder of things that can be made again, such as executables.
    """

    def __init__(self, data_dir: Path, cache_dir: Path) -> None:
        self._layout = Layout(data_dir=data_dir)
        self._cache_dir = cache_dir
        self._supervisor = Supervisor(data_dir, self._layout.instance)

    def prepare(self, progress: Progress = lambda _: None) -> ClusterInfo:
        """Build what is not built and join the node's network to this machine, without starting servers.

        From then on the host address exists, so that servers can listen on it while the cluster starts.

        Raises:
            LocalCloudError: the machine cannot run a cluster.
        """
        requirements.require()
        executables = binaries.ensure(self._cache_dir, progress)
        with self._changing(progress):
            return _info(self._layout, self._prepare(executables)[0])

    def up(self, progress: Progress = lambda _: None) -> ClusterInfo:
        """Start whatever does not run and wait until the node is ready and cluster DNS answers.

        Args:
            progress: called with short status lines.

        Raises:
            LocalCloudError: the machine cannot run a cluster, or a server does not start.
        """
        requirements.require()
        executables = binaries.ensure(self._cache_dir, progress)
        with self._changing(progress):
            plan, namespace = self._prepare(executables)
            Starter(self._layout, plan, self._supervisor, namespace, executables).start(progress)
            return _info(self._layout, plan)

    def down(self, progress: Progress = lambda _: None) -> None:
        """Stop everything and leave nothing on the machine but the data, which the next start takes up.

        Raises:
            LocalCloudError: something of the cluster could not be removed; the text lists it.
        """
        with self._changing(progress):
            self._stop(progress)
        left = self.leftovers()
        if left:
            raise LocalCloudError(
                f"the cluster left something behind: {'; '.join(left)}; run `understudy local down` again"
            )

    def reset(self, progress: Progress = lambda _: None) -> None:
        """Stop everything and remove the data too: database, images, volumes, certificates, addresses."""
        self.down(progress)
        with self._changing(progress):
            shutil.rmtree(self._layout.cluster, ignore_errors=True)
            forget_ports(self._layout)

    def status(self) -> ClusterStatus:
        """Say which servers run. It asks no server anything, so it is fast and never waits."""
        names = (HOLDER, *CONTROL_PLANE, *NODE_SERVERS)
        plan = recorded_plan(self._layout)
        return ClusterStatus(
            servers={name: self._supervisor.alive(name) for name in names},
            info=_info(self._layout, plan) if plan and self._layout.kubeconfig.exists() else None,
        )

    def leftovers(self) -> list[str]:
        """Name every process, mount, device, route and control group of this cluster on the machine."""
        return leftovers.find(self._layout)

    def import_image(self, archive: Path, reference: str) -> Image:
        """Import an image archive so that pods can run it; see :meth:`ImageStore.load`."""
        return self._images().load(archive, reference)

    def images(self) -> list[Image]:
        """Return every name of every image that pods can run."""
        return self._images().images()

    def remove_image(self, reference: str) -> None:
        """Remove one name of an image; one that is not there is fine."""
        self._images().remove(reference)

    def _images(self) -> ImageStore:
        plan = recorded_plan(self._layout)
        if plan is None or not self._supervisor.alive("containerd"):
            raise LocalCloudError("the cluster is not running; start it with `understudy local up`")
        return ImageStore(Namespace(self._layout, plan, self._supervisor).run)

    def _changing(self, progress: Progress) -> contextlib.AbstractContextManager[None]:
        return locked(self._layout.lock, lambda: progress("another process is changing the cluster; waiting"))

    def _prepare(self, executables: binaries.Executables) -> tuple[NetworkPlan, Namespace]:
        # One at a time on the whole machine: two new instances must not choose the same addresses.
        with locked(self._cache_dir / "network.lock"):
            plan = planned(self._layout)
            namespace = Namespace(self._layout, plan, self._supervisor)
            if namespace.holder() is None:
                # Also after a crash of that one process: what still runs in its namespaces is of no use.
                self._clear_node()
            namespace.create(executables.pause.parent)
        return plan, namespace

    def _stop(self, progress: Progress) -> None:
        progress("stopping the cluster")
        with ThreadPoolExecutor() as pool:
            done = [pool.submit(self._stop_control_plane), pool.submit(self._stop_node)]
        for each in done:
            each.result()
        self._clear_node()

    def _stop_control_plane(self) -> None:
        for name in reversed(CONTROL_PLANE):
            self._supervisor.stop(name, timeout=_SERVER_GRACE_SECONDS)
        processes.end(lambda: processes.naming(self._layout.instance, self._layout.cluster), grace=0)

    def _stop_node(self) -> None:
        # The kubelet first, as it would start again what is stopped below it.
        self._supervisor.stop("kubelet", timeout=_SERVER_GRACE_SECONDS)
        processes.end(lambda: cgroups.members(self._layout.context), grace=_POD_GRACE_SECONDS)
        for name in reversed(NODE_SERVERS):
            self._supervisor.stop(name, timeout=_SERVER_GRACE_SECONDS)

    def _clear_node(self) -> None:
        """End whatever is left of the node; its mounts, devices and rules end with its last process."""
        layout = self._layout
        processes.end(lambda: processes.of_node(layout.instance, layout.context), grace=0)
        for name in (HOLDER, *NODE_SERVERS):
            self._supervisor.stop(name)
        remove_device(layout.device)
        cgroups.remove(layout.context)
        with contextlib.suppress(OSError):
            (layout.cluster / "stage").rmdir()


def _info(layout: Layout, plan: NetworkPlan) -> ClusterInfo:
    return ClusterInfo(
        kubeconfig=layout.kubeconfig,
        context=layout.context,
        host_address=str(plan.host_address),
        node_address=str(plan.node_address),
        pod_cidr=str(plan.pods),
        service_cidr=str(plan.services),
        dns_address=str(plan.dns_address),
        service_account_issuer=SERVICE_ACCOUNT_ISSUER,
    )
