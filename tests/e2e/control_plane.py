"""A Kubernetes control plane on loopback, without a node: etcd, API server and controller manager.

It needs no root. There is no kubelet: a test plays its part where Pods have to run.
"""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from localcloud.cluster import binaries
from localcloud.paths import cache_dir
from localcloud.ports import Ports

TOKEN = "a-token-for-tests"
CAN_RUN = shutil.which("etcd") is not None


@contextmanager
def control_plane(folder: Path) -> Iterator[Path]:
    """Run a control plane in `folder`; yield the path of its kubeconfig."""
    kubernetes = str(binaries.ensure(cache_dir()).kubernetes)
    ports = Ports(folder)
    api, etcd, peer = (ports.choose(name, "127.0.0.1") for name in ("api", "etcd", "peer"))
    tokens = folder / "tokens.csv"
    tokens.write_text(f"{TOKEN},admin,admin,system:masters\n")
    subprocess.run(
        ["openssl", "genrsa", "-out", str(folder / "accounts.key"), "2048"], check=True, capture_output=True
    )
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(_kubeconfig(f"https://127.0.0.1:{api}"))
    commands = {
        "etcd": [
            "etcd",
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls=http://127.0.0.1:{etcd}",
            f"--advertise-client-urls=http://127.0.0.1:{etcd}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster=default=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
            "--logger=zap",
            "--log-level=error",
        ],
        "kube-apiserver": [
            kubernetes,
            "kube-apiserver",
            "--bind-address=127.0.0.1",
            f"--secure-port={api}",
            f"--cert-dir={folder / 'certs'}",
            f"--etcd-servers=http://127.0.0.1:{etcd}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.99.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={folder / 'accounts.key'}",
            f"--service-account-signing-key-file={folder / 'accounts.key'}",
            f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",
        ],
        "kube-controller-manager": [
            kubernetes,
            "kube-controller-manager",
            f"--kubeconfig={kubeconfig}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--service-account-private-key-file={folder / 'accounts.key'}",
            f"--flex-volume-plugin-dir={folder / 'volumes'}",
            "--controllers=*,-node-ipam-controller,-node-lifecycle-controller,-node-route-controller",
        ],
    }
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("wb") as log:
                running.append(subprocess.Popen(command, stdout=log, stderr=log, env=_environment()))
            if name == "kube-apiserver":
                _wait_for(f"https://127.0.0.1:{api}/readyz", folder / f"{name}.log")
        yield kubeconfig
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "GOGC": "60"}


def _kubeconfig(server: str) -> str:
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": {"server": server, "insecure-skip-tls-verify": True}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "current-context": "test",
        }
    )


def _wait_for(url: str, log: Path) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, context=context, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"no API server: {log.read_text()[-2000:]}")
