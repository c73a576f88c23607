"""Services: what runs, as whom, and how it is kept running."""

from components.services.namespace import Namespace, NamespaceArgs
from components.services.runtimes import Language, Size
from components.services.service import Port, Service, ServiceArgs

__all__ = ["Language", "Namespace", "NamespaceArgs", "Port", "Service", "ServiceArgs", "Size"]
