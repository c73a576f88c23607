"""The package of AWS types and functions, as the plugin serves it."""

from __future__ import annotations

import threading
from importlib.metadata import version

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from localcloud.aws import registry
from localcloud.aws.base import AwsFunction, AwsType
from localcloud.aws.session import AwsSession, unreachable
from localcloud.aws.settings import SETTINGS, read_settings
from localcloud.resource import Package, Properties, UnknownToken

# Characters of a service's own message that an error line shows.
_MESSAGE_LIMIT = 600


class AwsPackage(Package):
    """AWS against an endpoint on this machine, and against nothing else."""

    name = "aws"
    settings = SETTINGS

    def __init__(self) -> None:
        self.version = version("pulumi-aws")
        self.session = AwsSession()
        self._lock = threading.Lock()
        self._types: dict[str, AwsType] = {}
        self._functions: dict[str, AwsFunction] = {}

    def configure(self, settings: Properties) -> None:
        """Take the settings; raise LocalError when there is no local endpoint that answers."""
        self.session.configure(read_settings(settings))

    def tokens(self) -> list[str]:
        """Return the tokens of all types."""
        return list(registry.TYPES)

    def functions(self) -> list[str]:
        """Return the tokens of all functions."""
        return list(registry.FUNCTIONS)

    def resource(self, token: str) -> AwsType:
        """Return the type of `token`."""
        if token not in registry.TYPES:
            raise UnknownToken(
                f"{token}: the local aws plugin has no such type; "
                "docs/reference/local-types.md lists those it has, the official plugin has the rest"
            )
        with self._lock:
            if token not in self._types:
                self._types[token] = registry.load_type(token)(self.session)
            return self._types[token]

    def function(self, token: str) -> AwsFunction:
        """Return the function of `token`."""
        if token not in registry.FUNCTIONS:
            raise UnknownToken(
                f"{token}: the local aws plugin has no such function; there are "
                f"{', '.join(registry.FUNCTIONS)}"
            )
        with self._lock:
            if token not in self._functions:
                self._functions[token] = registry.load_function(token)(self.session)
            return self._functions[token]

    def explain(self, error: Exception) -> str | None:
        """Return one line for an error of the service or of the way to it."""
        if isinstance(error, ClientError):
            return explain_answer(error)
        if isinstance(error, EndpointConnectionError | ConnectTimeoutError):
            return unreachable(str(error.kwargs.get("endpoint_url", "")))
        if isinstance(error, ReadTimeoutError):
            return (
                f"the local AWS endpoint {error.kwargs.get('endpoint_url', '')} took too long to answer; "
                "look at `understudy local status`"
            )
        if isinstance(error, ResponseParserError):
            return "AWS client: the local AWS endpoint gave an answer that is none; look at its log"
        if isinstance(error, BotoCoreError):
            return f"AWS client: {type(error).__name__}: {one_line(str(error))}"
        return None


def explain_answer(error: ClientError) -> str:
    """Return ``<Operation>: <Code>: <message>`` of a service's refusal."""
    answer = error.response.get("Error", {})
    code = answer.get("Code", "Unknown")
    message = one_line(str(answer.get("Message", "")))
    attempts = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)
    again = f" (after {attempts + 1} attempts)" if attempts else ""
    return (
        f"AWS {error.operation_name}: {code}: {message}{again}"
        if message
        else f"AWS {error.operation_name}: {code}{again}"
    )


def one_line(text: str) -> str:
    """Return `text` on one line, at most as long as an error line may be."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _MESSAGE_LIMIT else flat[: _MESSAGE_LIMIT - 1] + "…"


def package() -> AwsPackage:
    """Return the package."""
    return AwsPackage()
