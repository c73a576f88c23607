"""The node: a network and a mount namespace of its own, joined to this machine by a pair of devices.

Everything that a Kubernetes node leaves on a machine (firewall rules, devices, mounts, sockets, links to
logs) is made inside these namespaces, at the paths every node uses, and is gone with their last process.
One process that does nothing holds them open; the node's servers enter them by its pid.

What the node sees is this machine's file system with three folders replaced by empty ones in memory:
``/run``, ``/var/lib`` and ``/var/log``. Into those are bound, from the instance's data folder,
``/var/lib/containerd``, ``/var/lib/kubelet`` and ``/run/understudy``. A few kernel settings that a kubelet
changes for the whole machine have the values that it wants there, in files.
"""

import json
import os
import subprocess
import time
from collections.abc import Sequence
from ipaddress import IPv4Network
from pathlib import Path
from typing import BinaryIO

from localcloud.cluster.layout import Layout
from localcloud.cluster.plan import NetworkPlan
from localcloud.cluster.processes import NODE_VARIABLE
from localcloud.errors import LocalCloudError
from localcloud.supervise import Process, Supervisor

__all__ = ["HOLDER", "Namespace", "remove_device", "taken_networks"]

HOLDER = "node"
"""Name of the process that holds the namespaces open, in logs and pid files."""

_READY = "run/understudy/ready"
_READY_SECONDS = 15.0

# Run by /bin/sh in the new namespaces. $1 cluster folder, $2 folder of executables, $3 program that holds
# the namespaces open. The new /run is put together beside the old one, which may hold $1 or $2.
_ASSEMBLE = """
set -eu
cluster=$1 executables=$2 holder=$3
mount --make-rprivate /
stage=$cluster/stage
mkdir -p "$stage"
mount -t tmpfs -o mode=755 tmpfs "$stage"
mkdir -p "$stage/run/understudy/cluster" "$stage/run/understudy/bin" "$stage/run/netns" "$stage/run/lock"
mkdir -p "$stage/lib/containerd" "$stage/lib/kubelet" "$stage/log"
mount --bind "$cluster" "$stage/run/understudy/cluster"
mount --bind "$executables" "$stage/run/understudy/bin"
mount --bind "$cluster/containerd" "$stage/lib/containerd"
mount --bind "$cluster/kubelet" "$stage/lib/kubelet"
mount --rbind "$stage/log" /var/log
mount --rbind "$stage/lib" /var/lib
mount --rbind "$stage/run" /run
# The kubelet sets these for the whole machine unless they are so; here it finds that they are.
pretend() {
    [ -e "/proc/sys/$1" ] || return 0
    mkdir -p "/run/understudy/sys/${1%/*}"
    echo "$2" > "/run/understudy/sys/$1"
    mount --bind "/run/understudy/sys/$1" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000
mount --make-rshared /
ip link set lo up
: > /run/understudy/ready
exec "/run/understudy/bin/$holder"
"""


class Namespace:
    """The namespaces of one instance's node.

    Example::

        namespace = Namespace(layout, plan, supervisor)
        namespace.create(executables)
        supervisor.start("kubelet", namespace.enter(["kubelet"]), env=namespace.env)
    """

    def __init__(self, layout: Layout, plan: NetworkPlan, supervisor: Supervisor) -> None:
        self._layout = layout
        self._plan = plan
        self._supervisor = supervisor

    @property
    def env(self) -> dict[str, str]:
        """Environment variables for whatever is started in the node."""
        # containerd looks for runc, and the kubelet for mount and iptables, where a user's PATH may not go.
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
        return {NODE_VARIABLE: self._layout.instance, "PATH": path}

    def holder(self) -> Process | None:
        """Return the process that holds the namespaces open, if they exist and are put together."""
        process = self._supervisor.find(HOLDER)
        return process if process is not None and self._assembled(process.pid) else None

    def create(self, executables: Path) -> None:
        """Make the namespaces, their devices, addresses and routes; what is there already is kept.

        Args:
            executables: folder with the cluster's executables, ``pause`` among them.

        Raises:
            LocalCloudError: the machine does not allow it.
        """
        for folder in (self._layout.containerd, self._layout.kubelet, self._layout.pod_logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        command = ["unshare", "--net", "--mount", "--", "/bin/sh", "-c", _ASSEMBLE, "sh"]
        arguments = [str(self._layout.cluster), str(executables), "pause"]
        process = self._supervisor.start(HOLDER, [*command, *arguments], env=self.env)
        self._supervisor.wait_ready(HOLDER, lambda: self._assembled(process.pid), timeout=_READY_SECONDS)
        self._connect(process.pid)

    def enter(self, argv: Sequence[str], *, network_only: bool = False) -> list[str]:
        """Return the command that runs ``argv`` in the node; it keeps its pid.

        Args:
            argv: the command.
            network_only: it sees this machine's files.

        Raises:
            LocalCloudError: the node does not run.
        """
        process = self.holder()
        if process is None:
            raise LocalCloudError("the cluster's node is not running; start it with `understudy local up`")
        spaces = ["--net"] if network_only else ["--net", "--mount"]
        return ["nsenter", f"--target={process.pid}", *spaces, "--", *argv]

    def run(self, argv: Sequence[str], *, stdin: Path | None = None) -> str:
        """Run a command in the node and return what it prints.

        Args:
            argv: the command; its paths are those that the node sees.
            stdin: a file on this machine that it reads as standard input.

        Raises:
            LocalCloudError: it failed; the text has the last line that it printed.
        """
        if stdin is None:
            return _run(self.enter(argv), shown=argv[0])
        with stdin.open("rb") as stream:
            return _run(self.enter(argv), shown=argv[0], stdin=stream)

    def _assembled(self, pid: int) -> bool:
        return Path("/proc", str(pid), "root", _READY).exists()

    def _connect(self, pid: int) -> None:
        device, plan = self._layout.device, self._plan
        known = Path(f"/sys/class/net/{device}").exists()
        if not known:
            _run(["ip", "link", "add", device, "type", "veth", "peer", "name", "eth0", "netns", str(pid)])
        # Each of these may be repeated, so that a run that was killed in the middle is finished here.
        prefix = plan.link.prefixlen
        _run(["ip", "address", "replace", f"{plan.host_address}/{prefix}", "dev", device])
        _run(["ip", "link", "set", device, "up"])
        inside = ["nsenter", f"--target={pid}", "--net", "--mount", "--"]
        _run([*inside, "ip", "address", "replace", f"{plan.node_address}/{prefix}", "dev", "eth0"])
        _run([*inside, "ip", "link", "set", "eth0", "up"])
        _run([*inside, "ip", "route", "replace", "default", "via", str(plan.host_address)])
        _run([*inside, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
        # The whole block: pods, and Services too, which the node translates for this machine as well.
        _run(["ip", "route", "replace", str(plan.block), "via", str(plan.node_address), "dev", device])


def taken_networks(except_device: str = "") -> list[IPv4Network]:
    """Return every network that this machine has a route or an address in.

    Args:
        except_device: a device whose routes do not count.
    """
    networks: list[IPv4Network] = []
    for route in json.loads(_run(["ip", "-json", "-4", "route", "show", "table", "all"]) or "[]"):
        destination = str(route.get("dst", "default"))
        if destination != "default" and (not except_device or route.get("dev") != except_device):
            networks.append(IPv4Network(destination, strict=False))
    return networks


def remove_device(device: str) -> None:
    """Remove this machine's end of the link, its address and its routes with it, if it is there."""
    if not Path(f"/sys/class/net/{device}").exists():
        return
    try:
        _run(["ip", "link", "delete", device])
    except LocalCloudError:
        # The kernel removes it by itself once the node's namespace is gone, perhaps just now.
        time.sleep(0.2)
        if Path(f"/sys/class/net/{device}").exists():
            raise


def _run(argv: Sequence[str], *, shown: str = "", stdin: BinaryIO | int = subprocess.DEVNULL) -> str:
    done = subprocess.run(argv, stdin=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise LocalCloudError(f"{shown or ' '.join(argv)}: {lines[-1]}", details=done.stderr)
    return done.stdout
