"""The network that an environment lives in."""

from components.network.addressing import AddressPlan, Tier
from components.network.firewall import Firewall, FirewallArgs
from components.network.network import Network, NetworkArgs

__all__ = ["AddressPlan", "Firewall", "FirewallArgs", "Network", "NetworkArgs", "Tier"]
