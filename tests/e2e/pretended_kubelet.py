"""Plays the part of the kubelets of a control plane that has no node: Pods "run" as their image says.

Images: ``ok`` becomes ready, ``crash`` ends again and again, ``never`` may not be pulled, ``done`` runs to
its end, ``slow`` becomes ready after a second.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import urllib3
from kubernetes import client, config

NODE = "pretended"
NOW = "2026-01-01T00:00:00Z"
_READY = [{"type": each, "status": "True"} for each in ("PodScheduled", "Initialized", "Ready")]
_UNREADY = [
    *_READY[:2],
    {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "containers not ready"},
]
_CRASH = {
    "ready": False,
    "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
    "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "startedAt": NOW, "finishedAt": NOW}},
}
_NEVER = {
    "ready": False,
    "restartCount": 0,
    "state": {"waiting": {"reason": "ErrImageNeverPull", "message": "image is not present"}},
}
_RUNS = {"ready": True, "restartCount": 0, "state": {"running": {"startedAt": NOW}}}
_ENDED = {
    "ready": False,
    "restartCount": 0,
    "state": {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": NOW, "finishedAt": NOW}},
}


class Kubelet:
    """Gives every Pod a status, until it is stopped; also gives every Ingress an address."""

    def __init__(self, kubeconfig: str) -> None:
        urllib3.disable_warnings()
        api = config.new_client_from_config(kubeconfig)
        self._core: Any = client.CoreV1Api(api)
        self._net: Any = client.NetworkingV1Api(api)
        self._core.create_node({"metadata": {"name": NODE}})
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(0.05):
            try:
                for pod in self._core.list_pod_for_all_namespaces().items:
                    self._play(pod)
                for each in self._net.list_ingress_for_all_namespaces().items:
                    if not each.status.load_balancer or not each.status.load_balancer.ingress:
                        body = {"status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}]}}}
                        self._net.patch_namespaced_ingress_status(
                            each.metadata.name, each.metadata.namespace, body
                        )
            except client.ApiException:
                continue  # deleted in the meantime

    def _play(self, pod: Any) -> None:
        name, namespace = pod.metadata.name, pod.metadata.namespace
        if pod.metadata.deletion_timestamp:
            self._core.delete_namespaced_pod(name, namespace, grace_period_seconds=0)
            return
        if not pod.spec.node_name:
            target = {"apiVersion": "v1", "kind": "Node", "name": NODE}
            self._core.create_namespaced_pod_binding(
                name, namespace, {"metadata": {"name": name}, "target": target}, _preload_content=False
            )
        how = pod.spec.containers[0].image.split(":")[0]
        age = time.time() - pod.metadata.creation_timestamp.timestamp()
        if pod.status.conditions and pod.status.phase != "Pending":
            return
        if how == "slow" and age < 2:
            return
        status, phase, conditions = {
            "ok": (_RUNS, "Running", _READY),
            "slow": (_RUNS, "Running", _READY),
            "crash": (_CRASH, "Running", _UNREADY),
            "never": (_NEVER, "Running", _UNREADY),
            "done": (_ENDED, "Succeeded", _READY),
        }[how]
        container = pod.spec.containers[0]
        body = {
            "status": {
                "phase": phase,
                "podIP": "10.1.1.1",
                "podIPs": [{"ip": "10.1.1.1"}],
                "conditions": conditions,
                "containerStatuses": [
                    {"name": container.name, "image": container.image, "imageID": "", **status}
                ],
            }
        }
        self._core.patch_namespaced_pod_status(name, namespace, body)
