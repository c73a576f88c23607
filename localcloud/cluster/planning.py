"""Chooses an instance's addresses and ports on this machine, and remembers them."""

import json
from ipaddress import IPv4Network

from localcloud.cluster.layout import Layout
from localcloud.cluster.namespace import taken_networks
from localcloud.cluster.plan import NetworkPlan, choose
from localcloud.cluster.servers import ControlPlanePorts
from localcloud.errors import LocalCloudError
from localcloud.files import write_atomic
from localcloud.ports import Ports
from localcloud.supervise import Supervisor

__all__ = ["chosen_ports", "forget_ports", "planned", "recorded_plan"]

_PORTS = {"kube-apiserver": "kube-apiserver", "etcd": "etcd", "etcd-peer": "etcd"}


def recorded_plan(layout: Layout) -> NetworkPlan | None:
    """Return the network plan of an instance that was started before."""
    try:
        return NetworkPlan(block=IPv4Network(json.loads(layout.network.read_text())["block"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def planned(layout: Layout) -> NetworkPlan:
    """Return the instance's network plan; choose and record one at its first start.

    Raises:
        LocalCloudError: the recorded network is used by something else now.
    """
    recorded = recorded_plan(layout)
    if recorded is None:
        plan = choose(layout.instance, taken_networks())
        write_atomic(layout.network, json.dumps({"block": str(plan.block)}) + "\n")
        return plan
    others = [network for network in taken_networks(except_device=layout.device) if network.prefixlen >= 16]
    clash = next((network for network in others if network.overlaps(recorded.block)), None)
    if clash is not None:
        # Its Services and pods have these addresses in their records, so they cannot just move.
        raise LocalCloudError(
            f"the cluster's network {recorded.block} is used by a route to {clash} now; "
            "remove that route, or start anew with `understudy local reset`"
        )
    return recorded


def chosen_ports(layout: Layout, plan: NetworkPlan, supervisor: Supervisor) -> ControlPlanePorts:
    """Return the ports of the servers on the host address: those of a running server, else free ones."""
    ports = Ports(layout.data_dir)
    found: dict[str, int] = {}
    for name, server in _PORTS.items():
        recorded = ports.recorded(name) if supervisor.alive(server) else None
        found[name] = recorded or ports.choose(name, str(plan.host_address))
    return ControlPlanePorts(api=found["kube-apiserver"], etcd=found["etcd"], etcd_peer=found["etcd-peer"])


def forget_ports(layout: Layout) -> None:
    """Give the ports back."""
    ports = Ports(layout.data_dir)
    for name in _PORTS:
        ports.forget(name)
