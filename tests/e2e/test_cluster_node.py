"""The local cluster for real: what a pod can do, what is left afterwards, and what comes back."""

import http.server
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3
from cluster_support import (
    CAN_RUN,
    NAME,
    api_of,
    ask,
    build_probe,
    create,
    deployment,
    eventually,
    get,
    ready_pods,
    service,
    service_address,
    traces,
)
from kubernetes import client, stream

from localcloud.cluster.layout import Layout
from localcloud.cluster.node import ClusterInfo, Node
from localcloud.errors import LocalCloudError
from localcloud.paths import cache_dir

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(not CAN_RUN, reason="needs Linux, root and the packages of a cluster"),
]


@dataclass(frozen=True)
class Running:
    node: Node
    data_dir: Path
    info: ClusterInfo
    api: client.ApiClient
    image: str
    settings: dict[str, str]


def kernel_settings() -> dict[str, str]:
    """What a kubelet changes for a whole machine where it is let."""
    names = "vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops net/ipv4/ip_forward"
    return {name: Path("/proc/sys", name).read_text().strip() for name in names.split()}


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return build_probe(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, probe: tuple[Path, str]) -> Iterator[Running]:
    data_dir = tmp_path_factory.mktemp("a-folder-with-a-name-that-is-too-long-for-the-path-of-a-socket")
    node = Node(data_dir, cache_dir())
    settings = kernel_settings()
    try:
        info = node.up(print)
        archive, digest = probe
        image = f"{NAME}@{digest}"
        node.import_image(archive, image)
        api = api_of(info.kubeconfig)
        eventually(lambda: client.CoreV1Api(api).read_namespaced_service_account("default", "default"))
        create(api, deployment("echo", image, 2))
        create(api, service("echo"))
        eventually(lambda: len(ready_pods(api, "echo")) == 2)
        yield Running(node, data_dir, info, api, image, settings)
    finally:
        node.reset()


def pod_address(running: Running) -> str:
    return f"{ready_pods(running.api, 'echo')[0].status.pod_ip}:8080"


def test_two_replicas_answer_in_turn_behind_the_name_of_their_service(running: Running):
    names = {pod.metadata.name for pod in ready_pods(running.api, "echo")}
    asked = pod_address(running)
    answers: set[str] = set()

    def both() -> bool:
        answers.add(ask(asked, "fetch", url="http://echo.default.svc.cluster.local/name"))
        return answers == names

    eventually(both, seconds=20)


def test_a_pod_reaches_itself_through_its_service(running: Running):
    pods = ready_pods(running.api, "echo")
    answers: set[str] = set()

    def itself() -> bool:
        answers.add(ask(f"{pods[0].status.pod_ip}:8080", "fetch", url="http://echo/name"))
        return pods[0].metadata.name in answers

    eventually(itself, seconds=20)


def test_short_and_full_names_resolve_and_others_are_refused_at_once(running: Running):
    address = service_address(running.api, "echo")
    assert ask(pod_address(running), "resolve", name="echo") == address
    assert ask(pod_address(running), "resolve", name="echo.default.svc.cluster.local.") == address
    with pytest.raises(OSError, match="502"):
        ask(pod_address(running), "resolve", name="somewhere.example")


def test_this_machine_reaches_pods_and_services(running: Running):
    address = service_address(running.api, "echo")
    names = {pod.metadata.name for pod in ready_pods(running.api, "echo")}
    assert get(f"http://{address}/name") in names
    assert get(f"http://{pod_address(running)}/name") in names


def test_a_pod_reaches_a_server_on_the_host_address(running: Running):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"from the host")

        def log_message(self, format: str, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer((running.info.host_address, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://{running.info.host_address}:{server.server_port}/"
        assert ask(pod_address(running), "fetch", url=url) == "from the host"
        server.shutdown()


def test_a_projected_token_is_accepted_for_its_audience_only(running: Running):
    token = ask(pod_address(running), "file", path="/identity/token")
    reviews = client.AuthenticationV1Api(running.api)

    def review(audience: str) -> client.V1TokenReview:
        spec = client.V1TokenReviewSpec(token=token, audiences=[audience])
        return reviews.create_token_review(client.V1TokenReview(spec=spec))

    accepted = review("sts.amazonaws.com").status
    assert accepted and accepted.authenticated
    assert accepted.user and accepted.user.username == "system:serviceaccount:default:default"
    refused = review("somebody-else").status
    assert refused and not refused.authenticated


def test_nobody_is_anonymous_but_a_health_check(running: Running):
    configuration = running.api.configuration
    pool = urllib3.PoolManager(ca_certs=configuration.ssl_ca_cert)
    assert pool.request("GET", f"{configuration.host}/readyz").status == 200
    assert pool.request("GET", f"{configuration.host}/version").status == 401


def test_pod_security_is_enforced_where_a_namespace_asks_for_it(running: Running):
    core = client.CoreV1Api(running.api)
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "strict", "labels": labels}}
    create(running.api, namespace)
    eventually(lambda: core.read_namespaced_service_account("default", "strict"))
    containers = [client.V1Container(name="a", image=running.image)]
    pod = client.V1Pod(
        metadata=client.V1ObjectMeta(name="loose"), spec=client.V1PodSpec(containers=containers)
    )
    with pytest.raises(client.ApiException) as refused:
        core.create_namespaced_pod("strict", pod)
    assert refused.value.status == 403


def test_logs_and_exec_go_through_the_api_server(running: Running):
    core = client.CoreV1Api(running.api)
    name = ready_pods(running.api, "echo")[0].metadata.name
    assert core.read_namespaced_pod_log(name, "default") == "probe started\n"
    connect = core.connect_get_namespaced_pod_exec
    assert stream.stream(connect, name, "default", command=["/probe", "hello"], stdout=True) == "hello\n"


def test_an_image_has_the_names_it_was_given_and_no_others(running: Running, probe: tuple[Path, str]):
    archive, digest = probe
    loaded = running.node.import_image(archive, "tools/probe:7")
    assert loaded.digest == digest
    names = {image.reference for image in running.node.images()}
    assert {f"docker.io/tools/probe@{digest}", "docker.io/tools/probe:7", running.image} <= names
    assert not any("somebody.else" in name for name in names)
    running.node.remove_image("tools/probe:7")
    running.node.remove_image("tools/probe:7")
    assert "docker.io/tools/probe:7" not in {image.reference for image in running.node.images()}


def test_an_archive_with_another_digest_or_none_is_refused(
    running: Running, probe: tuple[Path, str], tmp_path: Path
):
    with pytest.raises(LocalCloudError, match="holds the image sha256:"):
        running.node.import_image(probe[0], f"{NAME}@sha256:{'0' * 64}")
    (tmp_path / "no.tar").write_bytes(b"no archive")
    with pytest.raises(LocalCloudError, match=r"no\.tar is no image archive"):
        running.node.import_image(tmp_path / "no.tar", "a:b")
    with pytest.raises(LocalCloudError, match="No such file"):
        running.node.import_image(tmp_path / "missing.tar", "a:b")


def test_the_kubeconfig_and_every_key_are_the_owners_own(running: Running):
    private = [running.info.kubeconfig, *(running.data_dir / "cluster").rglob("*.key")]
    assert len(private) > 5
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in private)


def test_the_machines_own_settings_are_as_they_were(running: Running):
    assert running.settings == kernel_settings()


def test_down_leaves_nothing_and_up_brings_the_pods_back(running: Running):
    layout = Layout(data_dir=running.data_dir)
    shims = set(Path("/run/containerd/s").glob("*"))
    made_elsewhere = [path for path in map(Path, ("/var/lib/kubelet", "/var/lib/cni")) if path.exists()]
    running.node.down()
    assert running.node.leftovers() == []
    assert traces(layout.instance, str(running.data_dir), running.info.host_address) == []
    assert set(Path("/run/containerd/s").glob("*")) == shims
    assert [
        path for path in map(Path, ("/var/lib/kubelet", "/var/lib/cni")) if path.exists()
    ] == made_elsewhere
    assert running.node.status().stopped
    running.node.down()

    assert running.node.up(print) == running.info
    pods = eventually(lambda: len(found := ready_pods(running.api, "echo")) == 2 and found)
    assert pods
    eventually(lambda: ask(pod_address(running), "fetch", url="http://echo/name"))
    assert running.node.status().running


def test_a_second_instance_runs_beside_the_first(running: Running, tmp_path: Path):
    other = Node(tmp_path, cache_dir())
    try:
        info = other.up(print)
        assert info.pod_cidr != running.info.pod_cidr
        assert client.CoreV1Api(api_of(info.kubeconfig)).list_namespaced_service("default").items
        assert ask(pod_address(running), "fetch", url="http://echo/name")
    finally:
        other.reset()
    assert traces(Layout(data_dir=tmp_path).instance) == []
    assert not (tmp_path / "cluster").exists()
    assert ask(pod_address(running), "fetch", url="http://echo/name")
    assert list((tmp_path / "run").iterdir()) == []
