"""Versions that belong together: of Kubernetes, and of the add-ons that EKS offers for it. Plain data.

They are the add-ons' default versions of each release, as
``aws eks describe-addon-versions --kubernetes-version …`` tells them; to update, add a release below and
make it the `DEFAULT`.
"""

from collections.abc import Mapping

DEFAULT = "1.36"
"""Kubernetes version of a new cluster."""

BEFORE_NODES = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Add-ons that run on every node, and without which none gets ready."""

AFTER_NODES = ("coredns", "aws-ebs-csi-driver")
"""Add-ons that need a node to run on."""

ADDONS: Mapping[str, Mapping[str, str]] = {
    "1.35": {
        "vpc-cni": "v1.21.1-eksbuild.7",
        "kube-proxy": "v1.35.3-eksbuild.2",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "coredns": "v1.13.2-eksbuild.4",
        "aws-ebs-csi-driver": "v1.58.0-eksbuild.1",
    },
    "1.36": {
        "vpc-cni": "v1.21.2-eksbuild.2",
        "kube-proxy": "v1.36.0-eksbuild.7",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
        "coredns": "v1.14.2-eksbuild.4",
        "aws-ebs-csi-driver": "v1.62.0-eksbuild.1",
    },
}
"""Each release of Kubernetes with the versions of its add-ons."""
