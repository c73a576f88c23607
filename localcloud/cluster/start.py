"""Starts the servers of one cluster in the order that makes the whole start shortest."""

import datetime
import hashlib
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from localcloud.cluster import addons, archive, certs, cgroups, configuration, dns, requirements, servers
from localcloud.cluster.api import Api
from localcloud.cluster.binaries import COREDNS_VERSION, Executables
from localcloud.cluster.certs import KeyPair
from localcloud.cluster.images import ImageStore
from localcloud.cluster.layout import NODE_CLUSTER_DIR, NODE_NAME, Layout
from localcloud.cluster.namespace import Namespace
from localcloud.cluster.plan import NetworkPlan
from localcloud.cluster.planning import chosen_ports
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.supervise import Supervisor

__all__ = ["Starter", "node_is_ready"]

# Seconds; on a machine that is busy with something else everything takes many times as long.
_RUNTIME_SECONDS = 30.0
_API_SECONDS = 120.0
_NODE_SECONDS = 120.0
_DNS_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class _SystemImage:
    """An image of ours: one executable, named after its content so that a new one is never mistaken."""

    name: str
    version: str
    executable: Path

    @property
    def reference(self) -> str:
        digest = hashlib.sha256(self.executable.read_bytes()).hexdigest()
        return f"understudy.local/{self.name}:{self.version}-{digest[:12]}"


class Starter:
    """Starts what does not run of one cluster whose node exists."""

    def __init__(
        self,
        layout: Layout,
        plan: NetworkPlan,
        supervisor: Supervisor,
        namespace: Namespace,
        executables: Executables,
    ) -> None:
        self._layout = layout
        self._plan = plan
        self._supervisor = supervisor
        self._namespace = namespace
        self._executables = executables
        self._pause = _SystemImage(name="pause", version="1", executable=executables.pause)
        self._coredns = _SystemImage(name="coredns", version=COREDNS_VERSION, executable=executables.coredns)

    def start(self, progress: Callable[[str], None]) -> None:
        """Start every server and wait until the node is ready and cluster DNS answers.

        Raises:
            LocalCloudError: a server does not start.
        """
        layout, plan = self._layout, self._plan
        ports = chosen_ports(layout, plan, self._supervisor)
        names = certs.identities(plan, node=NODE_NAME, cluster_domain=configuration.CLUSTER_DOMAIN)
        pairs = certs.ensure(layout.certificates, names, now=datetime.datetime.now(datetime.UTC))
        url = f"https://{plan.host_address}:{ports.api}"
        self._write_configuration(url, pairs)
        cgroups.create(layout.context)
        etcd, api_server, *controllers = servers.control_plane(
            layout, plan, ports, pairs, self._executables.kubernetes
        )
        containerd, *workers = servers.node_servers(plan)

        progress("starting the API server")
        self._start(etcd)
        self._start(api_server)
        self._start(containerd, in_node=True)
        # The images while the API server starts: neither waits for the other.
        self._wait("containerd", self._runtime_answers, _RUNTIME_SECONDS)
        self._import_system_images(progress)
        api = Api(url, pairs["ca"], pairs["admin"])
        self._wait("kube-apiserver", api.ready, _API_SECONDS)

        progress("starting the node")
        for server in controllers:
            self._start(server)
        since = datetime.datetime.now(datetime.UTC)
        if self._supervisor.alive("kubelet"):
            since = datetime.datetime.min.replace(tzinfo=datetime.UTC)
        for server in workers:
            self._start(server, in_node=True)
        self._apply_addons(api)
        self._start_policies(progress)
        node_path = f"/api/v1/nodes/{NODE_NAME}"
        self._wait("kubelet", lambda: node_is_ready(api.get(node_path), since=since), _NODE_SECONDS)
        progress("waiting for cluster DNS")
        name = f"kubernetes.default.svc.{configuration.CLUSTER_DOMAIN}"
        self._wait("kubelet", lambda: dns.answers(str(plan.dns_address), name), _DNS_SECONDS)

    def _write_configuration(self, url: str, pairs: Mapping[str, KeyPair]) -> None:
        layout, plan = self._layout, self._plan
        authority = pairs["ca"].certificate
        plugins = requirements.cni_plugins()
        if plugins is None:
            raise LocalCloudError("the CNI plugins are not there; install containernetworking-plugins")
        files = {
            "authentication.yaml": configuration.authentication(),
            "kubelet.yaml": configuration.kubelet(plan, control_group=layout.context),
            "proxy.yaml": configuration.proxy(plan),
            "containerd.toml": configuration.containerd(
                cni_plugins=plugins, sandbox_image=self._pause.reference
            ),
            "cni/10-understudy.conflist": configuration.cni(plan),
            "resolv.conf": configuration.resolver(),
            "policies.rules": configuration.policy_rules(plan),
        }
        for user in ("controller-manager", "scheduler", "kubelet", "proxy", "network-policies"):
            files[f"{user}.kubeconfig"] = configuration.kubeconfig(
                server=url, name=layout.context, authority=authority, client=pairs[user]
            )
        for name, content in files.items():
            write_atomic(layout.configuration / name, content)
        write_atomic(
            layout.kubeconfig,
            configuration.kubeconfig(
                server=url, name=layout.context, authority=authority, client=pairs["admin"]
            ),
        )

    def _start(self, server: servers.Server, *, in_node: bool = False) -> None:
        argv = self._namespace.enter(server.argv) if in_node else server.argv
        env = {**server.env, **(self._namespace.env if in_node else {})}
        self._supervisor.start(server.name, argv, env=env)

    def _start_policies(self, progress: Callable[[str], None]) -> None:
        chain, rules = configuration.POLICY_CHAIN, NODE_CLUSTER_DIR / "config" / "policies.rules"
        # In one go: the chain is replaced as a whole, and the jump to it is there once.
        once = f"iptables --wait -t mangle -C POSTROUTING -j {chain} 2>/dev/null"
        add = f"iptables --wait -t mangle -A POSTROUTING -j {chain}"
        try:
            self._namespace.run(["sh", "-ec", f"iptables-restore --noflush < {rules}; {once} || {add}"])
        except LocalCloudError as error:
            # A kernel without the queue: all but this works, so it is said and no reason to stop.
            progress(f"NetworkPolicies are not enforced: {error}")
            return
        server = servers.network_policies(self._layout, self._executables.policies)
        argv = self._namespace.enter(server.argv, network_only=True)
        self._supervisor.start(server.name, argv, env={**server.env, **self._namespace.env})

    def _wait(self, name: str, probe: Callable[[], bool], timeout: float) -> None:
        self._supervisor.wait_ready(name, probe, timeout=timeout)

    def _runtime_answers(self) -> bool:
        try:
            self._namespace.run(["ctr", "--connect-timeout=1s", "version"])
        except LocalCloudError:
            return False
        return True

    def _import_system_images(self, progress: Callable[[str], None]) -> None:
        store = ImageStore(self._namespace.run)
        present = {image.reference for image in store.images()}
        for image in (self._pause, self._coredns):
            reference = image.reference
            if reference in present:
                continue
            progress(f"importing the image {image.name}")
            with tempfile.TemporaryDirectory(dir=self._layout.cluster) as folder:
                path = Path(folder) / f"{image.name}.tar"
                target = f"/{image.name}"
                archive.write(
                    path, reference=reference, files={target: image.executable}, entrypoint=[target]
                )
                store.load(path, reference)

    def _apply_addons(self, api: Api) -> None:
        deadline = time.monotonic() + _API_SECONDS
        # The API server makes the namespace itself, a moment after it is ready.
        while api.get("/api/v1/namespaces/kube-system") is None:
            if time.monotonic() > deadline:
                raise LocalCloudError("the API server did not make the namespace kube-system; see its log")
            time.sleep(0.05)
        for path, document in addons.documents(self._plan, image=self._coredns.reference):
            api.apply(path, document)


def node_is_ready(node: Mapping[str, object] | None, *, since: datetime.datetime) -> bool:
    """Say whether a Node object is ready by a word of its kubelet that is not older than ``since``.

    What the API server has of a node that was stopped says "ready" for a while after the next start.
    """
    if node is None:
        return False
    status = node.get("status")
    conditions = status.get("conditions", []) if isinstance(status, dict) else []
    for condition in conditions:
        if condition.get("type") == "Ready" and condition.get("status") == "True":
            heard = datetime.datetime.fromisoformat(condition["lastHeartbeatTime"])
            # The server writes whole seconds.
            return heard >= since.replace(microsecond=0)
    return False
