"""What the cluster's end-to-end tests share: a probe image, its objects, and questions to it."""

import os
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import urllib3
from kubernetes import client, config, utils

from localcloud.cluster import archive, requirements

Answer = TypeVar("Answer")

CAN_RUN = sys.platform == "linux" and os.geteuid() == 0 and not requirements.missing_programs()
NAME = "registry.example/team/probe"


def build_probe(folder: Path) -> tuple[Path, str]:
    """Build the probe image; return its archive and digest."""
    binary = folder / "probe"
    subprocess.run(
        ["go", "build", "-ldflags", "-s -w", "-o", str(binary), "."],
        cwd=Path(__file__).with_name("cluster_probe"),
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"},
        check=True,
    )
    path = folder / "probe.tar"
    digest = archive.write(
        path, reference="somebody.else/name:1", files={"/probe": binary}, entrypoint=["/probe"]
    )
    return path, digest


def api_of(kubeconfig: Path) -> client.ApiClient:
    return config.new_client_from_config(str(kubeconfig))


def deployment(name: str, image: str, replicas: int) -> dict[str, Any]:
    labels = {"app": name}
    token = {"serviceAccountToken": {"path": "token", "audience": "sts.amazonaws.com"}}
    container = {
        "name": "probe",
        "image": image,
        "ports": [{"containerPort": 8080}],
        "readinessProbe": {"httpGet": {"path": "/name", "port": 8080}, "periodSeconds": 1},
        "volumeMounts": [{"name": "identity", "mountPath": "/identity"}],
        "securityContext": {
            "runAsNonRoot": True,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    pod = {
        "containers": [container],
        "terminationGracePeriodSeconds": 5,
        "volumes": [{"name": "identity", "projected": {"sources": [token]}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def service(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


def get(url: str) -> str:
    """Return what a URL answers; anything but 200 is an OSError."""
    try:
        response = urllib3.request("GET", url, timeout=5.0, retries=False, headers={"Connection": "close"})
    except urllib3.exceptions.HTTPError as error:
        raise OSError(str(error)) from error
    text = response.data.decode()
    if response.status != 200:
        raise OSError(f"{url}: {response.status} {text}")
    return text


def ask(address: str, question: str, **arguments: str) -> str:
    """Ask the probe at an address."""
    return get(f"http://{address}/{question}?{urllib.parse.urlencode(arguments)}")


def eventually(question: Callable[[], Answer], *, seconds: float = 60) -> Answer:
    """Return the first true answer; an OSError or an API error counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        problem: object = "no true answer"
        try:
            if answer := question():
                return answer
        except (OSError, client.ApiException) as error:
            problem = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {problem}")
        time.sleep(0.1)


def create(api: client.ApiClient, document: dict[str, Any], namespace: str = "default") -> None:
    """Create an object from its document."""
    utils.create_from_dict(api, document, namespace=namespace)


def service_address(api: client.ApiClient, name: str) -> str:
    """Return the cluster IP of a Service."""
    found: Any = client.CoreV1Api(api).read_namespaced_service(name, "default")
    return found.spec.cluster_ip


def ready_pods(api: client.ApiClient, app: str) -> list[Any]:
    """Return the pods of an app that are ready."""
    pods: list[Any] = client.CoreV1Api(api).list_namespaced_pod("default", label_selector=f"app={app}").items
    return [
        pod
        for pod in pods
        if not pod.metadata.deletion_timestamp
        and any(each.type == "Ready" and each.status == "True" for each in pod.status.conditions or [])
    ]


def traces(*words: str) -> list[str]:
    """Look for words in everything the machine can list, independently of the product's own search."""
    commands = (
        ["ps", "-eo", "pid,args"],
        ["mount"],
        ["ip", "-o", "link"],
        ["ip", "route", "show", "table", "all"],
        ["iptables-save"],
        ["ip", "netns"],
        ["find", "/sys/fs/cgroup", "-type", "d"],
    )
    found: list[str] = []
    for command in commands:
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        found += [line for line in text.splitlines() if any(word in line for word in words)]
    return found
