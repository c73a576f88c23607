"""Local types of EKS: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:eks/accessEntry:AccessEntry": "localcloud.aws.eks.access_entry:AccessEntry",
    "aws:eks/addon:Addon": "localcloud.aws.eks.addon:Addon",
    "aws:eks/cluster:Cluster": "localcloud.aws.eks.cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup": "localcloud.aws.eks.node_group:NodeGroup",
}
