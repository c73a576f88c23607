"""The Python language host: ``python -m localcloud.engine.language_host [engine address]``.

The engine starts it (through the wrapper of :mod:`localcloud.engine.host.wrapper`), reads its port from the
first line of output, and asks it to run programs, policy packs and plugins. It ends when the engine says so,
is interrupted, or is gone.
"""

import os
import signal
import sys
import threading
from concurrent import futures

from localcloud.engine.versions import PINNED

__all__ = ["main"]

_PARENT_SECONDS = 0.5
_STOP_SECONDS = 1.0
# Idle threads cost nothing; each running program, policy pack and plugin occupies one.
_THREADS = 64
# What this process sets for its own gRPC library, and no program is to inherit.
_OWN_SETTINGS = {"GRPC_ENABLE_FORK_SUPPORT": "0", "GRPC_VERBOSITY": "NONE"}


def main(arguments: list[str]) -> int:
    """Serve until the engine is done; return the exit code."""
    if arguments[:1] in (["-version"], ["--version"]):
        print(f"v{PINNED}")  # noqa: T201 - the engine reads it from there
        return 0
    parent = os.getppid()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    programs_env = dict(os.environ)
    os.environ.update(_OWN_SETTINGS)

    # After the settings, which gRPC reads when it is imported.
    import grpc  # noqa: PLC0415

    from localcloud.engine.host.children import Children  # noqa: PLC0415
    from localcloud.engine.host.service import LanguageHost  # noqa: PLC0415
    from localcloud.engine.host.stubs import proto  # noqa: PLC0415

    children = Children()
    # Flags such as --tracing and -v are the engine's own business.
    address = next((argument for argument in arguments if not argument.startswith("-")), "")
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    proto("language_pb2_grpc").add_LanguageRuntimeServicer_to_server(
        LanguageHost(address, programs_env, children), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # An engine that was killed tells nobody, but its children get another parent.
    while not stop.wait(_PARENT_SECONDS):
        if os.getppid() != parent:
            break
    children.cancel_all()
    server.stop(grace=_STOP_SECONDS).wait(_STOP_SECONDS)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # Not sys.exit: threads that wait for an engine that is gone would keep it.
    os._exit(code)
