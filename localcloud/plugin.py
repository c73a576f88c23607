"""Runs one local plugin: ``python -m localcloud.plugin aws|kubernetes|random [ENGINE ADDRESS]``.

The port it serves on (loopback) is its first line of output, as the engine expects.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
from concurrent import futures

from localcloud.engine.host.stubs import without_sdk
from localcloud.journal import Journal
from localcloud.paths import data_dir
from localcloud.resource import Package

# Each module has a function `package()` that returns its Package.
MODULES = {
    "aws": "localcloud.aws.package",
    "kubernetes": "localcloud.kubernetes.package",
    "random": "localcloud.randomness.package",
}

# Concurrent calls; the engine's own default is 4 for each core, waits for pods hold some of them.
WORKERS = 48

# The largest message that the engine sends or takes, in bytes (pulumi/pulumi sdk/go/common/util/rpcutil).
MESSAGE_LIMIT = 400 * 1024 * 1024


def load(name: str) -> Package:
    """Return the package called `name`."""
    return importlib.import_module(MODULES[name]).package()


def serve(package: Package, journal: Journal | None) -> int:
    """Serve `package` until the engine ends; return the process's exit code."""
    # Here, so that `main` can first see to it that the stubs do not bring the whole SDK.
    import grpc  # noqa: PLC0415
    from pulumi.runtime.proto import provider_pb2_grpc  # noqa: PLC0415

    from localcloud.provider import Provider  # noqa: PLC0415

    provider = Provider(package, journal)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=WORKERS),
        options=[
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()

    ended = threading.Event()
    orphaned = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=_watch, args=(os.getppid(), orphaned, ended), daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    ended.wait()
    # An engine that was killed knows nothing of what was made last: the journal keeps it for the next one.
    provider.finish(in_good_order=not orphaned.is_set(), within=30.0 if orphaned.is_set() else 3.0)
    server.stop(grace=None)
    return 0


def _watch(parent: int, orphaned: threading.Event, ended: threading.Event) -> None:
    """End the plugin when its engine is gone."""
    while not ended.wait(0.5):
        if os.getppid() != parent:
            orphaned.set()
            ended.set()


def main(arguments: list[str]) -> int:
    """Run the plugin that `arguments` name."""
    if not arguments or arguments[0] not in MODULES:
        sys.stderr.write(f"error: usage: python -m localcloud.plugin {'|'.join(MODULES)}\n")
        return 2
    without_sdk()
    return serve(load(arguments[0]), Journal(data_dir() / "journal" / arguments[0]))


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # gRPC's threads may still be in a call that was given up
