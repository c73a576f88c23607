"""Services: what runs, as whom, and how it is kept running."""

from components.services.gateway import Gateway, GatewayArgs
from components.services.namespace import Namespace, NamespaceArgs
from components.services.ports import Backend, Port
from components.services.reach import beside
from components.services.release import Release
from components.services.runtimes import Language, Size
from components.services.scaling import Scaling
from components.services.service import Service, ServiceArgs

__all__ = [
    "Backend",
    "Gateway",
    "GatewayArgs",
    "Language",
    "Namespace",
    "NamespaceArgs",
    "Port",
    "Release",
    "Scaling",
    "Service",
    "ServiceArgs",
    "Size",
    "beside",
]
