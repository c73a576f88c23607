"""What a machine must have to run a cluster of its own."""

import os
import shutil
import sys
from pathlib import Path

from localcloud.errors import LocalCloudError

__all__ = ["PACKAGES", "cni_plugins", "missing_programs", "require"]

PACKAGES = (
    "etcd-server",
    "containerd",
    "runc",
    "containernetworking-plugins",
    "iptables",
    "iproute2",
    "util-linux",
)
"""Debian and Ubuntu packages that hold everything but Kubernetes itself."""

_PROGRAMS = {
    "etcd": "etcd-server",
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "iptables": "iptables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
_CNI_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
_CNI_PACKAGE = "containernetworking-plugins"
_OTHERWISE = "or use a cluster of your own with --kube-context"


def missing_programs() -> dict[str, str]:
    """Return each program that is not there, with the Debian package that has it."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    missing = {name: package for name, package in _PROGRAMS.items() if shutil.which(name, path=path) is None}
    if cni_plugins() is None:
        missing["the CNI plugin ptp"] = _CNI_PACKAGE
    return missing


def cni_plugins() -> Path | None:
    """Return the folder with the CNI plugins, if there is one."""
    return next((folder for folder in _CNI_FOLDERS if (folder / "ptp").exists()), None)


def require() -> None:
    """Check that this machine can run a cluster.

    Raises:
        LocalCloudError: one line that says what is missing and how to get it.
    """
    if sys.platform != "linux":
        raise LocalCloudError(
            f"a cluster from source needs Linux, and this is {sys.platform}; {_OTHERWISE[3:]}"
        )
    if os.geteuid() != 0:
        raise LocalCloudError(f"a cluster from source needs root; run again with sudo, {_OTHERWISE}")
    missing = missing_programs()
    if missing:
        packages = " ".join(sorted(set(missing.values())))
        raise LocalCloudError(
            f"the cluster needs {', '.join(missing)}; install with `apt-get install {packages}`, {_OTHERWISE}"
        )
