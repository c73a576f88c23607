"""An HTTP proxy before a test server that counts requests and fails the ones it is told to."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Fault = Callable[[int, dict[str, str]], tuple[int, str, bytes] | None]
"""Given the request's number since the fault was set (from 0) and its headers, what to answer instead."""


class FaultyProxy:
    """Forwards to `target`; `requests` counts what arrived. Use as a context manager."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target)
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._since = 0
        self.requests = 0
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:
                pass

            def _serve(self) -> None:
                proxy._answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _serve

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyProxy:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, fault: Fault | None) -> None:
        """Use `fault` from now on; None ends it."""
        with self._lock:
            self._fault, self._since = fault, 0

    def _answer(self, handler: Any) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length) if length else _chunks(handler)
        with self._lock:
            self.requests += 1
            number, fault = self._since, self._fault
            self._since += 1
        instead = (
            fault(number, {key.lower(): value for key, value in handler.headers.items()}) if fault else None
        )
        status, headers, payload = (
            (instead[0], [("Content-Type", instead[1])], instead[2])
            if instead
            else self._forward(handler, body)
        )
        handler.send_response(status)
        for key, value in headers:
            if key.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(payload)

    def _forward(self, handler: Any, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self._target.hostname or "", self._target.port, timeout=60)
        headers = {key: value for key, value in handler.headers.items() if key.lower() != "transfer-encoding"}
        connection.request(handler.command, handler.path, body=body or None, headers=headers)
        answer = connection.getresponse()
        payload = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), payload


def _chunks(handler: Any) -> bytes:
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return b""
    body = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        body += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return body


def server_error(_number: int, _headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Answer as a service that broke."""
    return 500, "text/plain", b"internal failure"


def throttled(_number: int, headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Answer as a service that limits the rate, in the words of the request's own protocol."""
    return error_answer("ThrottlingException", headers, 400)


def denied(_number: int, headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Answer as a service that refuses for good."""
    return error_answer("AccessDeniedException", headers, 400)


def error_answer(code: str, headers: dict[str, str], status: int) -> tuple[int, str, bytes]:
    """Return an error `code` in JSON or XML, whichever the request's protocol reads."""
    # Lambda's requests without a body name no type.
    rest = "/lambda/" in headers.get("authorization", "")
    if rest or "json" in headers.get("content-type", "") or "json" in headers.get("accept", ""):
        return status, "application/x-amz-json-1.1", f'{{"__type": "{code}", "message": "injected"}}'.encode()
    error = f"<Error><Code>{code}</Code><Message>injected</Message></Error>"
    if "s3" in headers.get("authorization", ""):
        return status, "application/xml", error.encode()
    if "/ec2/" in headers.get("authorization", ""):
        return (
            status,
            "text/xml",
            f"<Response><Errors>{error}</Errors><RequestID>x</RequestID></Response>".encode(),
        )
    return status, "text/xml", f"<ErrorResponse>{error}<RequestId>x</RequestId></ErrorResponse>".encode()
