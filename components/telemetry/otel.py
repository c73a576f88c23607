"""The OpenTelemetry settings that every service gets, as environment variables. Pure, and free of Pulumi.

They follow the specification of the SDKs, so a Go and a Rust service read the same ones:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ and, for the attributes,
https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from components.argument_types import check_types
from components.checks import check, check_choice, check_match
from components.context import Context

PROTOCOLS = ("grpc", "http/protobuf")
"""How a service may speak to the collector."""
SAMPLERS = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
)
"""Which traces a service may record, by the specification's names."""

# What W3C Baggage lets stand for itself in a value, without `%`, `,` and `=`, which would be taken apart.
_PLAIN = "!#$&'()*+-./:<>?@[]^_`{|}~"
# Facts that change while the service does not: as attributes they would restart its pods for nothing.
_VOLATILE = frozenset({"commit", "expires-at"})
_ENDPOINT = r"https?://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~/-]*)?"
_HOST_LIMIT = 253
_TEXT_LIMIT = 255


@dataclass(frozen=True, kw_only=True)
class OpenTelemetry:
    """How the services of an environment send traces, metrics and logs.

    Example:
        >>> telemetry = OpenTelemetry(endpoint="http://collector.observability:4317")
        >>> telemetry.variables(context, "orders", "1.4.0")

    Raises:
        InvalidArgument: an address that is none, a protocol or sampler the specification does not know, or
            a ratio outside of 0 to 1.
    """

    endpoint: str | None = None
    """Where the collector listens, such as `http://collector.observability:4317`. When absent nothing is
    sent, and services still hand the trace context on."""
    protocol: str = "grpc"
    """`grpc` (usually port 4317) or `http/protobuf` (usually port 4318)."""
    sampler: str = "parentbased_traceidratio"
    """Which traces are recorded; the usual one does as the caller did, and draws lots for new traces."""
    sample_ratio: float = 1.0
    """Share of new traces that are recorded, 0 to 1."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.endpoint is not None:
            mend = "use http:// or https://, a host, and a port, such as http://collector:4317"
            check_match("endpoint", self.endpoint, _ENDPOINT, mend)
            found = re.fullmatch(_ENDPOINT, self.endpoint)
            if found is not None:
                port = found["port"]
                known = port is None or 1 <= int(port) <= 65_535
                check(known and len(found["host"]) <= _HOST_LIMIT, "endpoint", self.endpoint, mend)
        check_choice("protocol", self.protocol, PROTOCOLS)
        check_choice("sampler", self.sampler, SAMPLERS)
        ratio = self.sample_ratio
        number = isinstance(ratio, int | float) and not isinstance(ratio, bool)  # pyright: ignore[reportUnnecessaryIsInstance]
        # A number that is none (NaN) is within no range.
        check(number and 0 <= ratio <= 1, "sample_ratio", ratio, "use a number from 0 to 1")

    def variables(self, context: Context, service_name: str, version: str) -> dict[str, str]:
        """The environment variables of one service.

        Args:
            context: the environment, whose standard tags become attributes of all that is sent.
            service_name: name of the service, the same in every environment.
            version: what runs, such as a release.

        Raises:
            InvalidArgument: a name or a version that is empty or too long.
        """
        for field, text in (("service_name", service_name), ("version", version)):
            fits = isinstance(text, str) and 0 < len(text) <= _TEXT_LIMIT  # pyright: ignore[reportUnnecessaryIsInstance]
            check(fits, field, text, f"use 1 to {_TEXT_LIMIT} characters")
        variables = {
            "OTEL_SERVICE_NAME": _text(service_name),
            "OTEL_RESOURCE_ATTRIBUTES": encode(resource_attributes(context, version)),
            "OTEL_PROPAGATORS": "tracecontext,baggage",
            "OTEL_TRACES_SAMPLER": self.sampler,
        }
        if self.sampler.endswith("traceidratio"):
            variables["OTEL_TRACES_SAMPLER_ARG"] = _ratio(self.sample_ratio)
        if self.endpoint is None:
            # Without this the SDKs look for a collector on the pod itself and log each failure.
            return variables | {f"OTEL_{kind}_EXPORTER": "none" for kind in ("TRACES", "METRICS", "LOGS")}
        return variables | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.endpoint,
            "OTEL_EXPORTER_OTLP_PROTOCOL": self.protocol,
        }


def resource_attributes(context: Context, version: str) -> dict[str, str]:
    """What is known of a service beyond its name: by OpenTelemetry's own names, then the standard tags.

    >>> resource_attributes(context, "1.4.0")["deployment.environment.name"]
    'feature-x'
    """
    facts = {key: value for key, value in context.facts("services.Service").items() if key not in _VOLATILE}
    return {
        "service.version": version,
        "service.namespace": context.project,
        "deployment.environment.name": context.environment,
        **{f"understudy.{key.replace('-', '_')}": value for key, value in facts.items()},
    }


def encode(attributes: Mapping[str, str]) -> str:
    """Attributes as `OTEL_RESOURCE_ATTRIBUTES` holds them: `key=value`, separated by commas.

    >>> encode({"owner": "a,b=c"})
    'owner=a%2Cb%3Dc'
    """
    return ",".join(f"{_quoted(key)}={_quoted(value)}" for key, value in attributes.items())


def decode(text: str) -> dict[str, str]:
    """What an SDK reads out of `OTEL_RESOURCE_ATTRIBUTES`; the inverse of `encode`."""
    pairs = (pair.split("=", 1) for pair in text.split(",") if pair)
    return {unquote(key): unquote(value) for key, value in pairs}


def _quoted(text: str) -> str:
    return quote(_text(text), safe=_PLAIN)


def _text(text: str) -> str:
    """`text` without halves of characters, which have no bytes to send."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _ratio(ratio: float) -> str:
    """A ratio in digits alone, as far as it has any that matter."""
    if math.isclose(ratio, round(ratio), abs_tol=1e-12):
        return str(round(ratio))
    return f"{ratio:.12f}".rstrip("0")
