"""Makes the resources of one environment's state once more, under another environment's name."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from benchmarks.direct.base import Clients
from benchmarks.direct.calls import CREATE

_SECRET = "4dabf18193072939515e22adb298388d"
_ROLLOUT_SECONDS = 120


@dataclass(frozen=True)
class Seconds:
    """How long the parts took."""

    aws: float
    kubernetes: float

    @property
    def total(self) -> float:
        return self.aws + self.kubernetes


class Names:
    """Turns what the state says of the old environment into what is true of the new one; thread-safe."""

    def __init__(self, old: str, new: str) -> None:
        self._environment = old, new
        self._changes: dict[str, str] = {}
        self._lock = threading.Lock()

    def learn(self, old: Any, new: Any) -> None:
        """Remember that what was called `old` is `new` here."""
        old, new = self.translate(str(old)), str(new)
        if old != new:
            with self._lock:
                self._changes[old] = new

    def translate(self, value: Any) -> Any:
        """Return a value of the state as plain data, with the new names."""
        if isinstance(value, dict):
            if _SECRET in value and "plaintext" in value:  # archives bear the same mark
                return self.translate(json.loads(value["plaintext"]))
            return {key: self.translate(each) for key, each in value.items() if not key.startswith("__")}
        if isinstance(value, list):
            return [self.translate(each) for each in value]
        if isinstance(value, int) and not isinstance(value, bool):
            with self._lock:  # a port, say, of which a network policy speaks
                return int(self._changes.get(str(value), value))
        if not isinstance(value, str):
            return value
        with self._lock:
            changes = sorted(self._changes.items(), key=lambda item: -len(item[0]))
        # The environment's name first: what was learned is written with the new one.
        for old, new in (self._environment, *changes):
            if old in value:
                value = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, value)
        return value


def replay(
    resources: list[dict[str, Any]],
    clients: Clients,
    env: Mapping[str, str],
    *,
    old: str,
    new: str,
    threads: int,
) -> Seconds:
    """Create the AWS resources in the order of their dependencies, then the Kubernetes objects; wait for all.

    Raises KeyError for a type that `CREATE` does not hold, RuntimeError when kubectl fails.
    """
    names = Names(old, new)
    begun = time.monotonic()
    _create_aws(resources, clients, names, threads)
    between = time.monotonic()
    _apply(resources, names, env)
    return Seconds(between - begun, time.monotonic() - between)


def _create_aws(resources: list[dict[str, Any]], clients: Clients, names: Names, threads: int) -> None:
    waiting = {each["urn"]: each for each in resources if each["type"].startswith("aws:")}
    unknown = {each["type"] for each in waiting.values()} - CREATE.keys()
    if unknown:
        raise KeyError(f"benchmarks/direct/calls.py creates no {', '.join(sorted(unknown))}")
    open_urns = set(waiting)
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(threads) as pool:
        while waiting or running:
            for urn, each in list(waiting.items()):
                if open_urns.isdisjoint(set(each.get("dependencies") or ()) - {urn}):
                    running[pool.submit(_create_one, each, clients, names)] = urn
                    del waiting[urn]
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                open_urns.discard(running.pop(future))
                future.result()


def _create_one(resource: dict[str, Any], clients: Clients, names: Names) -> None:
    made = CREATE[resource["type"]](clients, names.translate(resource["inputs"]))
    for name, value in made.items():
        before = resource["id"] if name == "id" else resource["outputs"].get(name)
        names.learn(before, value)


def _apply(resources: list[dict[str, Any]], names: Names, env: Mapping[str, str]) -> None:
    objects = [
        names.translate(each["inputs"]) for each in resources if each["type"].startswith("kubernetes:")
    ]
    # A namespace has to be there before what lives in it.
    objects.sort(key=lambda each: each["kind"] != "Namespace")
    _kubectl(
        env, "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    )
    for each in objects:
        if each["kind"] == "Deployment":
            place, name = each["metadata"]["namespace"], each["metadata"]["name"]
            limit = f"--timeout={_ROLLOUT_SECONDS}s"
            _kubectl(env, "rollout", "status", f"deployment/{name}", "--namespace", place, limit)


def _kubectl(env: Mapping[str, str], *arguments: str, stdin: str = "") -> None:
    ran = subprocess.run(
        ["kubectl", *arguments], input=stdin, env=dict(env), capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(f"kubectl {arguments[0]}: {' '.join(ran.stderr.split())[-300:]}")
