"""The Kubernetes cluster that an environment runs on."""

from components.cluster.access import Admission
from components.cluster.cluster import Cluster, ClusterArgs, ExistingCluster
from components.cluster.nodes import NodeGroup, Taint

__all__ = ["Admission", "Cluster", "ClusterArgs", "ExistingCluster", "NodeGroup", "Taint"]
