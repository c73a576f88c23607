"""The network that an environment lives in."""

from components.network.addressing import AddressPlan, Tier
from components.network.endpoints import ENDPOINTS, GATEWAYS, INTERFACES, Endpoints, EndpointsArgs
from components.network.firewall import Firewall, FirewallArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.network import ExistingNetwork, Network, NetworkArgs

__all__ = [
    "ENDPOINTS",
    "GATEWAYS",
    "INTERFACES",
    "AddressPlan",
    "Endpoints",
    "EndpointsArgs",
    "ExistingNetwork",
    "Firewall",
    "FirewallArgs",
    "FlowLogs",
    "FlowLogsArgs",
    "Network",
    "NetworkArgs",
    "Tier",
]
