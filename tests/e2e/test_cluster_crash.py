"""The local cluster when things go wrong: servers that are killed, starts that are killed, a reboot."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster_support import CAN_RUN, api_of, eventually, traces
from kubernetes import client

from localcloud.cluster import processes
from localcloud.cluster.layout import Layout
from localcloud.cluster.namespace import HOLDER
from localcloud.cluster.node import Node
from localcloud.cluster.servers import CONTROL_PLANE, NODE_SERVERS
from localcloud.paths import cache_dir
from localcloud.supervise import Supervisor

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(not CAN_RUN, reason="needs Linux, root and the packages of a cluster"),
]

UP = """
import sys
from pathlib import Path
from localcloud.cluster.node import Node
from localcloud.paths import cache_dir
Node(Path(sys.argv[1]), cache_dir()).up()
"""


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    try:
        yield Node(tmp_path, cache_dir())
    finally:
        Node(tmp_path, cache_dir()).reset()


def usable(node: Node) -> bool:
    info = node.status().info
    return info is not None and bool(client.CoreV1Api(api_of(info.kubeconfig)).list_node().items)


def kill(data_dir: Path, name: str) -> None:
    process = Supervisor(data_dir, Layout(data_dir=data_dir).instance).find(name)
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)


def test_a_server_that_was_killed_is_seen_and_started_again(node: Node, tmp_path: Path):
    node.up()
    for name in (HOLDER, *CONTROL_PLANE, *NODE_SERVERS):
        kill(tmp_path, name)
        eventually(lambda name=name: not node.status().servers[name])
        assert not node.status().running
        node.up()
        assert node.status().running, name
        assert usable(node)


def test_a_start_killed_at_any_moment_is_finished_by_the_next_or_undone_by_down(node: Node, tmp_path: Path):
    layout = Layout(data_dir=tmp_path)
    for moment in (0.5, 0.8, 1.1, 1.5, 2.5, 4, 6, 8):
        started = subprocess.Popen([sys.executable, "-c", UP, str(tmp_path)])
        time.sleep(moment)
        started.kill()
        started.wait()
        if moment in (1.1, 2.5, 6):
            node.down()
            assert node.leftovers() == []
            assert traces(layout.instance, str(tmp_path)) == []
    node.up()
    assert usable(node)


def test_a_reboot_is_survived(node: Node, tmp_path: Path):
    """After a reboot the pid files are there, and no process, device or mount."""
    layout = Layout(data_dir=tmp_path)
    info = node.up()
    core = client.CoreV1Api(api_of(info.kubeconfig))
    kept = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="kept"), data={"a": "b"})
    core.create_namespaced_config_map("default", kept)
    for name in (*CONTROL_PLANE, *NODE_SERVERS, HOLDER):
        kill(tmp_path, name)
    processes.end(lambda: processes.of_node(layout.instance, layout.context), grace=0)
    eventually(lambda: not Path(f"/sys/class/net/{layout.device}").exists())
    assert list((tmp_path / "run").glob("*.pid"))
    assert node.status().stopped
    node.up()
    assert core.read_namespaced_config_map("kept", "default").to_dict()["data"] == {"a": "b"}


def test_processes_that_lost_their_pid_files_are_stopped_too(node: Node, tmp_path: Path):
    node.up()
    for path in (tmp_path / "run").glob("*.pid"):
        path.unlink()
    assert any("process" in line for line in node.leftovers())
    # As another process would: the one that started the servers knows its children by themselves.
    Node(tmp_path, cache_dir()).down()
    assert node.leftovers() == []
    assert traces(Layout(data_dir=tmp_path).instance, str(tmp_path)) == []
