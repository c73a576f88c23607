"""The local cloud as a whole: up, status, down, reset. Every step may be repeated after a kill."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from localcloud import config
from localcloud.config import LocalCloud, PostgresMode, RedisMode
from localcloud.dataplane.binaries import find_postgres, find_redis
from localcloud.dataplane.place import Place
from localcloud.errors import LocalCloudError
from localcloud.files import locked
from localcloud.install import ensure_packages
from localcloud.options import Options, load_options, save_options
from localcloud.parallel import run_together
from localcloud.paths import cache_dir, instance_id
from localcloud.ports import Ports
from localcloud.supervise import Supervisor, marked_processes, start_time, terminate

if TYPE_CHECKING:
    from localcloud.aws.server import MotoServer
    from localcloud.cluster.node import Node
    from localcloud.external import ExternalCluster

LOOPBACK = "127.0.0.1"
MINIMUM_FREE = 2 * 1024**3  # bytes: images, container layers, databases, logs

# Everything that an instance keeps in its data folder. A reset removes these and nothing else: the
# folder may be one that the user keeps other things in.
KEPT = (
    "cluster", "cluster.lock", "environments", "journal", "kubeconfig", "logs", "options.json", "passphrase",
    "plugins", "ports.json", "ports.lock", "redis-url.json", "servers", "state", "tls",
)  # fmt: skip

Say = Callable[[str], None]


class Steps(Protocol):
    """Who shows what is being done: named steps, with lines of detail."""

    def step(self, name: str) -> contextlib.AbstractContextManager[Say]:
        """Begin step `name`; the context gives a function for lines of detail."""
        ...


@dataclass(frozen=True, kw_only=True)
class Running:
    """The result of `up`. `aws_restarted` is True when the AWS server began with empty hands just now,
    although there was one before: what was deployed to it is gone.
    """

    cloud: LocalCloud
    aws_restarted: bool
    engine: Path


@dataclass(frozen=True)
class Part:
    """One line of a status: a server, whether it runs, and where."""

    name: str
    running: bool
    detail: str = ""


class LocalCloudLifecycle:
    """Brings the local cloud of the data folder `data` up and down.

    Example::

        running = LocalCloudLifecycle(data_dir()).up(Options(), steps)
    """

    def __init__(self, data: Path) -> None:
        self.data = data
        self._servers = Supervisor(data, instance_id(data))
        self._ports = Ports(data)

    def up(self, options: Options, steps: Steps) -> Running:
        """Start whatever does not run; what runs is left alone. A second caller waits for the first.

        Raises LocalCloudError, with one line, for anything that the user can mend.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            with steps.step("preparation") as say:
                stack.enter_context(self._changing(say))
                chosen = self._prepare(options, say)
            return self._up(chosen, steps)

    def status(self) -> list[Part]:
        """Every server of the local cloud, and whether it runs. It waits for nothing."""
        cloud = config.load_if_any(config.path_in(self.data))
        from localcloud.aws import server  # noqa: PLC0415 - see `_up`

        parts = [Part("aws (moto)", self._servers.alive(server.NAME), cloud.endpoint_url if cloud else "")]
        chosen = load_options(self.data)
        node = self._node() if chosen.kube_context is None else None
        if node is not None:
            parts += [Part(name, there) for name, there in node.status().servers.items()]
        elif cloud:
            parts.append(Part(f"cluster {cloud.context}", True, "yours; not started or stopped here"))
        if cloud:
            parts += self._data_plane_parts(cloud)
        return parts

    def down(self, steps: Steps) -> None:
        """Stop everything; the data is kept for the next `up`, except what AWS's server had in memory."""
        with steps.step("stopping") as say, self._changing(say):
            config.path_in(self.data).unlink(missing_ok=True)
            jobs: dict[str, Callable[[], Any]] = {"servers": self._stop_servers}
            node = self._node()
            if node is not None and (not node.status().stopped or node.leftovers()):
                jobs["cluster"] = lambda: node.down(say)
            run_together(jobs)
            end_marked(self._servers.instance)
        left = self.leftovers()
        if left:
            raise LocalCloudError(f"something is left: {'; '.join(left)}; run `understudy local down` again")

    def reset(self, steps: Steps) -> None:
        """Stop everything and remove all data: databases, images, environments' state, choices."""
        self.down(steps)
        with steps.step("removing data") as say, self._changing(say):
            node = self._node()
            if node is not None and (self.data / "cluster").exists():
                node.reset(say)
            Place(self.data, self._servers.instance).remove()
            for name in KEPT:
                path = self.data / name
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
            for path in (self.data / "run").glob("*"):
                if path != self._lock:
                    path.unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """What `down` should have ended and did not; one line each."""
        found = [f"process {pid}: {command}" for pid, command in marked_processes(self._servers.instance)]
        node = self._node()
        return [*found, *(line for line in (node.leftovers() if node else []) if line not in found)]

    def _prepare(self, options: Options, say: Say) -> Options:
        chosen = options.over(load_options(self.data))
        chosen.check()
        self._check_switch(chosen, config.load_if_any(config.path_in(self.data)))
        self._check_room()
        ensure_packages(chosen, say)
        return chosen

    def _up(self, chosen: Options, steps: Steps) -> Running:
        from localcloud.aws import server  # noqa: PLC0415 - the AWS package is not light
        from localcloud.dataplane import build_dataplane  # noqa: PLC0415
        from localcloud.engine.acquire import ensure_engine  # noqa: PLC0415

        node = None
        if chosen.kube_context is None:
            node = self._node()
            if node is None:
                raise LocalCloudError(
                    "the own cluster needs Linux; start kind or k3d and give its context with --kube-context",
                    invalid_input=True,
                )
        with steps.step("engine and cluster executables") as say:
            prepared = run_together(
                {
                    "engine": lambda: ensure_engine(say),
                    "cluster": (lambda: node.prepare(say)) if node else (lambda: self._attach(chosen)),
                }
            )
        # Not before: a context that does not exist is nothing to remember.
        save_options(self.data, chosen)
        address = self._address(chosen, prepared["cluster"], say)
        postgres, redis = _modes(chosen)
        plane = build_dataplane(self.data, address, postgres, redis)
        with steps.step("servers") as say:
            moto = server.begin(self._servers, self._ports, address)
            run_together(
                {
                    "aws": lambda: server.wait(self._servers, moto, say),
                    "data plane": plane.bring_up,
                    "cluster": (lambda: node.up(say)) if node else (lambda: None),
                }
            )
        cloud = self._describe(chosen, prepared, address, moto, postgres, redis)
        config.save(cloud, config.path_in(self.data))
        aws_restarted = moto.restarted and self._ever_deployed()
        return Running(cloud=cloud, aws_restarted=aws_restarted, engine=prepared["engine"].path)

    def _describe(
        self,
        chosen: Options,
        prepared: dict[str, Any],
        address: str,
        moto: MotoServer,
        postgres: PostgresMode,
        redis: RedisMode,
    ) -> LocalCloud:
        cluster = prepared["cluster"]
        own = chosen.kube_context is None
        return LocalCloud(
            endpoint_url=moto.url,
            host_address=address,
            kubeconfig=str(cluster.kubeconfig),
            context=cluster.context,
            generation=moto.generation,
            own_cluster=own,
            image_import="containerd" if own else cluster.image_import,
            image_import_target="" if own else cluster.image_import_target,
            postgres=postgres,
            redis=redis,
            versions={
                "engine": prepared["engine"].version,
                "moto": version("moto"),
                **({} if own else {"kubernetes": cluster.version}),
            },
        )

    def _attach(self, chosen: Options) -> ExternalCluster:
        from localcloud.external import attach  # noqa: PLC0415

        return attach(chosen.kube_context or "", self.data / "kubeconfig")

    def _address(self, chosen: Options, cluster: Any, say: Say) -> str:
        if chosen.kube_context is None:
            return str(cluster.host_address)
        address = chosen.host_address or cluster.host_address
        if address is None:
            say(
                f"pods of {chosen.kube_context} may not reach this machine at {LOOPBACK}; "
                "give the address they reach it at with --host-address"
            )
        return address or LOOPBACK

    def _check_switch(self, chosen: Options, before: LocalCloud | None) -> None:
        if chosen.host_address is not None and chosen.kube_context is None:
            raise LocalCloudError(
                "--host-address goes with --kube-context: the own cluster chooses its address itself",
                invalid_input=True,
            )
        if before is not None and chosen.kube_context != (None if before.own_cluster else before.context):
            raise LocalCloudError(
                f"the local cloud runs with the cluster {before.context}; to use another one, "
                "run `understudy local down` first",
                invalid_input=True,
            )

    def _check_room(self) -> None:
        free = shutil.disk_usage(self.data).free
        if free < MINIMUM_FREE:
            raise LocalCloudError(
                f"{self.data}: only {free // 2**20} MiB are free on this disk and the local cloud needs "
                f"{MINIMUM_FREE // 2**20} MiB; make room, or set UNDERSTUDY_DATA_DIR to a folder elsewhere"
            )

    def _stop_servers(self) -> None:
        """Stop AWS's server, databases and caches, and whatever of ours has lost its pid file."""
        names = [name for name in self._servers.names() if name == "moto" or _is_data_plane(name)]
        run_together({name: lambda name=name: self._stop(name) for name in names})
        shutil.rmtree(Place(self.data, self._servers.instance).sockets, ignore_errors=True)

    def _stop(self, name: str) -> None:
        from localcloud.dataplane.postgres_server import STOP_SIGNAL  # noqa: PLC0415

        if name.startswith("postgres-"):
            self._servers.stop(name, timeout=30, signal_number=STOP_SIGNAL)
        else:
            self._servers.stop(name)

    def _data_plane_parts(self, cloud: LocalCloud) -> list[Part]:
        from localcloud.dataplane import build_dataplane  # noqa: PLC0415

        plane = build_dataplane(self.data, cloud.host_address, cloud.postgres, cloud.redis)
        parts = []
        for kind, part in (("postgres", plane.databases), ("redis", plane.caches)):
            for identifier in part.list():
                state = part.describe(identifier)
                where = f"{state.endpoint.address}:{state.endpoint.port}" if state else "half made"
                parts.append(Part(f"{kind} {identifier}", bool(state and state.running), where))
        return parts

    def _ever_deployed(self) -> bool:
        """Whether any environment's state is kept here, so that an AWS with empty hands is news."""
        return any((self.data / "state").glob(".pulumi/stacks/**/*.json*"))

    def _node(self) -> Node | None:
        if sys.platform != "linux":
            return None
        from localcloud.cluster.node import Node  # noqa: PLC0415

        return Node(self.data, cache_dir())

    @property
    def _lock(self) -> Path:
        return self.data / "run" / "lifecycle.lock"

    @contextlib.contextmanager
    def _changing(self, say: Say) -> Iterator[None]:
        with locked(
            self._lock, lambda: say("another process is starting or stopping the local cloud; waiting")
        ):
            yield


def _is_data_plane(name: str) -> bool:
    return name.startswith(("postgres-", "redis-"))


def _modes(chosen: Options) -> tuple[PostgresMode, RedisMode]:
    if chosen.postgres_url is not None:
        postgres = PostgresMode(url=chosen.postgres_url)
    else:
        postgres = PostgresMode(binaries=find_postgres())
    if chosen.redis_url is not None:
        return postgres, RedisMode(url=chosen.redis_url)
    binary, redis_version = find_redis() or (None, None)
    return postgres, RedisMode(binary=binary, version=redis_version)


def end_marked(instance: str) -> None:
    """End every process that carries the mark of `instance`, pid file or not."""
    for pid, _ in marked_processes(instance):
        started = start_time(pid)
        if started is not None:
            terminate(pid, started, timeout=5)
