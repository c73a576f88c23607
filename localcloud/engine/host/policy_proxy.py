"""Stands between the engine and a policy pack until the engine has said which stack it is.

A pack's rules may ask for the stack's name and configuration (``pulumi.get_stack()``, ``pulumi.Config``), so
those must be set before the pack's code runs. But the engine gives them to a pack that serves already. The
proxy serves in its place: it takes the stack's configuration, then the pack is started with it, and from
there on every call is passed on as it came, without a look inside.
"""

import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc

from localcloud.engine.host.stubs import proto

__all__ = ["PolicyProxy"]

_SERVICE = "pulumirpc.Analyzer"
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
_FORWARDED = (
    "Analyze",
    "AnalyzeStack",
    "Remediate",
    "GetAnalyzerInfo",
    "GetPluginInfo",
    "Configure",
    "Cancel",
)


class PolicyProxy:
    """An analyzer that passes calls on to a pack once :meth:`attach` has said where that is."""

    def __init__(self) -> None:
        self._configured = threading.Event()
        self._attached = threading.Event()
        self._configuration: Any = None
        self._channel: grpc.Channel | None = None
        # A call may wait for the pack in its thread while another brings the configuration.
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=32), options=_UNLIMITED)
        messages = proto("analyzer_pb2")
        handlers = {name: self._forwarder(name) for name in _FORWARDED}
        handlers["Handshake"] = grpc.unary_unary_rpc_method_handler(
            lambda _request, _context: messages.AnalyzerHandshakeResponse(),
            request_deserializer=messages.AnalyzerHandshakeRequest.FromString,
            response_serializer=messages.AnalyzerHandshakeResponse.SerializeToString,
        )
        handlers["ConfigureStack"] = grpc.unary_unary_rpc_method_handler(
            self._configure_stack,
            request_deserializer=messages.AnalyzerStackConfigureRequest.FromString,
            response_serializer=messages.AnalyzerStackConfigureResponse.SerializeToString,
        )
        self._messages = messages
        self._server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(_SERVICE, handlers)])
        self.port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def wait_for_configuration(self) -> Any:
        """Wait for the stack's configuration; nothing when the engine runs the pack without a stack."""
        self._configured.wait()
        return self._configuration

    def attach(self, port: int) -> None:
        """Pass calls on to the pack on this port, those that wait first.

        Raises:
            grpc.RpcError: the pack refused the stack's configuration.
        """
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_UNLIMITED)
        if self._configuration is not None:
            call = channel.unary_unary(
                f"/{_SERVICE}/ConfigureStack",
                request_serializer=self._messages.AnalyzerStackConfigureRequest.SerializeToString,
                response_deserializer=self._messages.AnalyzerStackConfigureResponse.FromString,
            )
            try:
                call(self._configuration, wait_for_ready=True)
            except grpc.RpcError as error:
                # A pack on an older SDK has read it from its settings already.
                if error.code() is not grpc.StatusCode.UNIMPLEMENTED:  # pyright: ignore[reportAttributeAccessIssue]
                    raise
        self._channel = channel
        self._attached.set()

    def close(self) -> None:
        """Stop serving; calls that still wait for the pack fail."""
        self._configured.set()
        self._attached.set()
        self._server.stop(grace=None)
        if self._channel is not None:
            self._channel.close()

    def _configure_stack(self, request: Any, _context: grpc.ServicerContext) -> Any:
        self._configuration = request
        self._configured.set()
        return self._messages.AnalyzerStackConfigureResponse()

    def _forwarder(self, name: str) -> grpc.RpcMethodHandler:
        def forward(request: bytes, context: grpc.ServicerContext) -> bytes:
            # Called before the stack is known, as `pulumi policy publish` does: there is none, then.
            self._configured.set()
            self._attached.wait()
            if self._channel is None:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the policy pack has not started")
            call: Callable[..., bytes] = self._channel.unary_unary(f"/{_SERVICE}/{name}")
            try:
                return call(request, wait_for_ready=True)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details() or "")  # pyright: ignore[reportAttributeAccessIssue]
                raise

        return grpc.unary_unary_rpc_method_handler(forward)
