"""The OpenTelemetry settings of services."""

import re
from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.checks import InvalidArgument
from components.telemetry import OpenTelemetry
from components.telemetry.otel import PROTOCOLS, SAMPLERS, decode, encode, resource_attributes

ENDPOINT = "http://collector.observability:4317"
# baggage-octet of W3C Baggage, without what separates one attribute from another.
OCTETS = re.compile(r"[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]*")
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def variables(**changes: Any) -> dict[str, str]:
    return OpenTelemetry(**{"endpoint": ENDPOINT, **changes}).variables(examples.context(), "orders", "1.4.0")


def test_a_service_knows_where_to_send_and_who_it_is() -> None:
    found = variables(sample_ratio=0.25)
    attributes = decode(found.pop("OTEL_RESOURCE_ATTRIBUTES"))
    assert found == {
        "OTEL_EXPORTER_OTLP_ENDPOINT": ENDPOINT,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
        "OTEL_SERVICE_NAME": "orders",
        "OTEL_PROPAGATORS": "tracecontext,baggage",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": "0.25",
    }
    assert attributes["service.version"] == "1.4.0"
    assert attributes["deployment.environment.name"] == "feature-x"
    assert attributes["understudy.owner"] == "payments"
    assert attributes["understudy.managed_by"] == "understudy"


def test_another_commit_or_expiry_restarts_no_pod() -> None:
    first = OpenTelemetry().variables(examples.context(), "orders", "1.4.0")
    later = examples.context(commit="9a9a9a", expires_at="2026-12-01T00:00:00Z")
    assert OpenTelemetry().variables(later, "orders", "1.4.0") == first
    assert OpenTelemetry().variables(later, "orders", "1.5.0") != first


def test_without_a_collector_nothing_is_sent() -> None:
    found = variables(endpoint=None)
    assert found["OTEL_TRACES_EXPORTER"] == found["OTEL_METRICS_EXPORTER"] == "none"
    assert found["OTEL_LOGS_EXPORTER"] == "none"
    assert not [key for key in found if "OTLP" in key]
    assert found["OTEL_PROPAGATORS"] == "tracecontext,baggage"


@pytest.mark.parametrize("sampler", ["always_on", "parentbased_always_off"])
def test_a_sampler_without_a_ratio_gets_none(sampler: str) -> None:
    assert "OTEL_TRACES_SAMPLER_ARG" not in variables(sampler=sampler)


@given(st.dictionaries(words.filter(bool), words, max_size=6))
def test_attributes_come_back_as_they_went(attributes: dict[str, str]) -> None:
    text = encode(attributes)
    assert decode(text) == attributes
    for pair in text.split(",") if text else ():
        key, separator, value = pair.partition("=")
        assert separator and "=" not in value
        assert OCTETS.fullmatch(key) and OCTETS.fullmatch(value)
        # Whatever is not plain is a byte of UTF-8 in two hex digits.
        assert "%" not in re.sub(r"%[0-9A-F]{2}", "", pair)


@given(branch=st.text(max_size=60), owner=st.text(max_size=60), version=st.text(min_size=1, max_size=60))
def test_whatever_a_branch_is_called_its_attributes_can_be_sent(
    branch: str, owner: str, version: str
) -> None:
    found = OpenTelemetry().variables(examples.context(branch=branch, owner=owner), "orders", version)
    text = found["OTEL_RESOURCE_ATTRIBUTES"]
    assert text.isascii() and text.isprintable() and " " not in text
    expected = resource_attributes(examples.context(branch=branch, owner=owner), version)
    assert decode(text).keys() == expected.keys()


@given(st.floats(0, 1))
def test_a_ratio_is_written_in_digits(ratio: float) -> None:
    text = variables(sample_ratio=ratio)["OTEL_TRACES_SAMPLER_ARG"]
    assert re.fullmatch(r"[01]|0\.[0-9]+", text)
    assert float(text) == pytest.approx(ratio, abs=1e-11)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_documented_choice_is_taken(protocol: str, sampler: str) -> None:
    found = variables(protocol=protocol, sampler=sampler)
    assert (found["OTEL_EXPORTER_OTLP_PROTOCOL"], found["OTEL_TRACES_SAMPLER"]) == (protocol, sampler)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", ""),
        ("endpoint", "collector:4317"),
        ("endpoint", "http://user:word@collector:4317"),
        ("endpoint", "http://collector:0"),
        ("endpoint", "http://collector:65536"),
        ("endpoint", f"http://{'a' * 254}"),
        ("endpoint", "http://collector:4317\n"),
        ("endpoint", 4317),
        ("protocol", "http/json"),
        ("sampler", "sometimes"),
        ("sample_ratio", 1.01),
        ("sample_ratio", -0.1),
        ("sample_ratio", float("nan")),
        ("sample_ratio", True),
        ("sample_ratio", "1"),
        ("sample_ratio", 10**400),
    ],
)
def test_a_bad_setting_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        variables(**{field: value})


@pytest.mark.parametrize(("name", "version"), [("", "1"), ("a" * 256, "1"), ("orders", ""), ("orders", None)])
def test_a_service_has_a_name_and_a_version(name: str, version: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^(service_name|version) is "):
        OpenTelemetry().variables(examples.context(), name, version)
