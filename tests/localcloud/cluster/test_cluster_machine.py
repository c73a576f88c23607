"""What is read from the machine: control groups, mounts, processes, requirements, and a name server."""

import datetime
import os
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cluster import dns, processes, requirements
from localcloud.cluster.cgroups import create, hierarchies
from localcloud.cluster.layout import Layout
from localcloud.cluster.leftovers import mounts_below
from localcloud.cluster.node import Node
from localcloud.cluster.start import node_is_ready
from localcloud.errors import LocalCloudError

V1 = """tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
"""


def test_control_groups_of_both_versions_are_found():
    assert hierarchies(V1) == [Path(f"/sys/fs/cgroup/{name}") for name in ("cpu", "memory", "unified")]
    assert hierarchies("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nproc /proc proc rw 0 0\n") == [
        Path("/sys/fs/cgroup")
    ]
    assert hierarchies("") == []


def test_a_group_of_version_2_gets_the_controllers_that_the_kubelet_uses(tmp_path: Path):
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io memory hugetlb pids rdma misc\n")
    (tmp_path / "cgroup.subtree_control").write_text("cpuset cpu io memory pids\n")
    create("understudy-x", [tmp_path])
    assert (tmp_path / "understudy-x").is_dir()
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+hugetlb"


def test_a_group_of_version_1_gets_processors_and_memory_of_its_parent(tmp_path: Path):
    for setting, value in (("cpuset.cpus", "0-1\n"), ("cpuset.mems", "0\n")):
        (tmp_path / setting).write_text(value)
        (tmp_path / "understudy-x").mkdir(exist_ok=True)
        (tmp_path / "understudy-x" / setting).write_text("\n")
    create("understudy-x", [tmp_path])
    create("understudy-x", [tmp_path])
    assert (tmp_path / "understudy-x" / "cpuset.cpus").read_text() == "0-1"
    assert (tmp_path / "understudy-x" / "cpuset.mems").read_text() == "0"


def test_mounts_at_and_below_a_folder_are_found(tmp_path: Path):
    folder = tmp_path / "a b"
    escaped = str(folder).replace(" ", "\\040")
    lines = [f"1 2 0:1 / {point} rw - tmpfs t rw" for point in ("/", escaped, f"{escaped}/c", f"{escaped}x")]
    assert mounts_below(folder, "\n".join(lines)) == [str(folder), f"{folder}/c"]


@given(st.binary(min_size=1, max_size=30))
def test_no_data_folder_gives_a_device_name_that_is_too_long(name: bytes):
    layout = Layout(data_dir=Path("/tmp") / name.hex())
    assert len(layout.device) <= 15
    assert layout.instance in layout.context


@pytest.mark.skipif(sys.platform != "linux", reason="process handles are Linux's")
def test_processes_are_asked_first_and_killed_after_the_grace():
    stubborn = subprocess.Popen(
        ["sh", "-c", "trap '' TERM; echo on; while :; do sleep 0.05; done"], stdout=-1
    )
    obedient = subprocess.Popen(["sleep", "60"])
    assert stubborn.stdout and stubborn.stdout.readline() == b"on\n"
    alive = {stubborn.pid: stubborn, obedient.pid: obedient}
    processes.end(lambda: {pid for pid, child in alive.items() if child.poll() is None}, grace=0.3)
    assert (obedient.wait(), stubborn.wait()) == (-15, -9)
    stubborn.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="process handles are Linux's")
def test_a_process_that_is_not_meant_any_more_is_left_alone():
    answers = [{os.getpid()}, set[int](), set[int]()]
    processes.end(lambda: answers.pop(0), grace=0)


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_marked_process_is_found_by_its_mark_only():
    child = subprocess.Popen(["sleep", "60"], env={**os.environ, processes.NODE_VARIABLE: "0123abcd"})
    try:
        while processes.command_line(child.pid) != "sleep 60":
            pass
        assert processes.of_node("0123abcd", "understudy-0123abcd") == {child.pid}
        assert child.pid not in processes.of_node("0123abc", "understudy-0123abc")
    finally:
        child.kill()
        child.wait()
    assert processes.command_line(child.pid) == ""


def test_a_machine_that_cannot_run_a_cluster_is_told_why_in_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(requirements.sys, "platform", "darwin")
    with pytest.raises(LocalCloudError, match="needs Linux, and this is darwin; use a cluster of your own"):
        requirements.require()
    monkeypatch.setattr(requirements.sys, "platform", "linux")
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 1000)
    with pytest.raises(LocalCloudError, match="needs root; run again with sudo, or use"):
        requirements.require()
    monkeypatch.setattr(requirements.os, "geteuid", lambda: 0)
    monkeypatch.setattr(requirements.shutil, "which", lambda name, path: None if name == "runc" else name)
    monkeypatch.setattr(requirements, "cni_plugins", lambda: Path("/cni"))
    with pytest.raises(LocalCloudError, match="needs runc; install with `apt-get install runc`"):
        requirements.require()


def test_every_program_that_is_needed_comes_from_a_listed_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(requirements.shutil, "which", lambda name, path: None)
    monkeypatch.setattr(requirements, "cni_plugins", lambda: None)
    assert set(requirements.missing_programs().values()) == set(requirements.PACKAGES)


def test_a_cluster_that_never_ran_has_a_status_and_no_leftovers(tmp_path: Path):
    node = Node(tmp_path / "data", tmp_path / "cache")
    status = node.status()
    assert status.stopped
    assert not status.running
    assert status.info is None
    assert node.leftovers() == []
    with pytest.raises(LocalCloudError, match="not running; start it"):
        node.images()


def _node(status: str, heard: str) -> dict[str, object]:
    ready = {"type": "Ready", "status": status, "lastHeartbeatTime": heard}
    return {"status": {"conditions": [{"type": "MemoryPressure", "status": "False"}, ready]}}


def test_only_a_word_of_the_running_kubelet_counts():
    since = datetime.datetime(2030, 1, 1, 12, 0, 0, 900_000, tzinfo=datetime.UTC)
    assert node_is_ready(_node("True", "2030-01-01T12:00:00Z"), since=since)
    assert not node_is_ready(_node("True", "2030-01-01T11:59:59Z"), since=since)
    assert not node_is_ready(_node("False", "2030-01-01T12:00:01Z"), since=since)
    assert not node_is_ready({"status": {}}, since=since)
    assert not node_is_ready(None, since=since)


@pytest.mark.parametrize(
    ("flags", "count", "same", "expected"),
    [(0x8180, 1, True, True), (0x8183, 0, True, False), (0x8180, 0, True, False), (0x8180, 1, False, False)],
)
def test_a_name_server_answers_only_with_an_address_for_our_question(
    flags: int, count: int, same: bool, expected: bool
):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            asked, peer = server.recvfrom(512)
            identifier = int.from_bytes(asked[:2], "big") if same else int.from_bytes(asked[:2], "big") ^ 1
            server.sendto(struct.pack("!6H", identifier, flags, 1, count, 0, 0) + asked[12:], peer)

        thread = threading.Thread(target=answer)
        thread.start()
        got = dns.answers("127.0.0.1", "a.example", port=server.getsockname()[1], timeout=2)
        thread.join()
    assert got is expected


def test_a_silent_name_server_is_no_answer():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        assert not dns.answers("127.0.0.1", "a.example", port=server.getsockname()[1], timeout=0.05)
