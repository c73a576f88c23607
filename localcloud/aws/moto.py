"""The server process that plays AWS: moto behind one address, with a mark of its own.

Started by `localcloud.aws.server`; run by hand it is
``python -m localcloud.aws.moto --host 127.0.0.1 --port 20000 --generation x``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from localcloud.aws import moto_additions

GENERATION_PATH = "/understudy/generation"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class QuietHandler(MotoRequestHandler):
    """Keeps connections open, and logs no request: what is in a URL may be somebody's signature."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def with_generation(application: Application, generation: str) -> Application:
    """`application`, which also tells its generation at `GENERATION_PATH`."""
    body = json.dumps({"generation": generation}).encode()

    def wrapped(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != GENERATION_PATH:
            return application(environ, start_response)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return wrapped


def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="localcloud.aws.moto")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--generation", required=True)
    options = parser.parse_args(argv)
    default_user_config["lambda"] = {"use_docker": False}
    default_user_config["batch"] = {"use_docker": False}
    default_user_config["iam"] = {"load_aws_managed_policies": True}
    host = f"[{options.host}]" if ":" in options.host else options.host
    moto_additions.install(f"http://{host}:{options.port}")
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        options.host,
        options.port,
        with_generation(application, options.generation),  # pyright: ignore[reportArgumentType]
        threaded=True,
        request_handler=QuietHandler,
    )

    # There is nothing to save, and taking the interpreter down takes over a second.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
