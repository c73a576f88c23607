"""Metric queries of alarms: their declaration, and the way to and from the service's own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from localcloud.fields import Block, Failures, Flag, Integer, MapOf, Text
from localcloud.values import UNKNOWN

STATISTICS: Final = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
NAMESPACE: Final = r"[^:].*"
# One percentile or trimmed statistic (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html).
PERCENTILE: Final = (
    r"(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,2})?|100)|IQM|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\)"
)
_SIZES: Final = tuple(
    f"{prefix}{unit}{per}"
    for prefix, unit in [
        (prefix, unit.lower() if prefix else unit)
        for unit in ("Bytes", "Bits")
        for prefix in ("", "Kilo", "Mega", "Giga", "Tera")
    ]
    for per in ("", "/Second")
)
UNITS: Final = (
    "Seconds",
    "Microseconds",
    "Milliseconds",
    *_SIZES,
    "Percent",
    "Count",
    "Count/Second",
    "None",
)
_PERIODS: Final = (1, 5, 10, 20, 30)


def _period(value: int) -> str | None:
    if value in _PERIODS or value % 60 == 0:
        return None
    return f"must be 1, 5, 10, 20, 30 or a multiple of 60 seconds, not {value}"


def _statistic(value: str) -> str | None:
    if value in STATISTICS or re.fullmatch(PERCENTILE, value):
        return None
    return f"must be one of {', '.join(STATISTICS)} or a percentile such as p99, not {value!r}"


_NAME: Final = Text(min_length=1, max_length=255)

QUERY: Final = Block(
    fields={
        "expression": Text(min_length=1, max_length=1024),
        "id": Text(required=True, min_length=1, max_length=255),
        "label": Text(),
        "metric": Block(
            fields={
                "dimensions": MapOf(element=Text()),
                "metricName": Text(required=True, min_length=1, max_length=255),
                "namespace": Text(pattern=NAMESPACE, max_length=255),
                "period": Integer(required=True, check=_period),
                "stat": Text(required=True, check=_statistic),
                "unit": Text(choices=UNITS),
            }
        ),
        "period": Integer(check=_period),
        "returnData": Flag(default=False),
    }
)


def validate(listed: list[Any]) -> Failures:
    """Return what is wrong with queries that are known."""
    return [
        (f"metricQueries[{index}].expression", "can't be given together with metric")
        for index, each in enumerate(listed)
        if each is not UNKNOWN and each.get("expression") is not None and each.get("metric") is not None
    ]


def dimensions(wanted: Mapping[str, str]) -> list[dict[str, str]]:
    """Return dimensions as the service takes them."""
    return [{"Name": name, "Value": value} for name, value in sorted(wanted.items())]


def to_service(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return one query as the service takes it."""
    given: dict[str, Any] = {"Id": query["id"], "ReturnData": query["returnData"]}
    for key, theirs in (("expression", "Expression"), ("label", "Label"), ("period", "Period")):
        if query.get(key) is not None:
            given[theirs] = query[key]
    metric = query.get("metric")
    if metric is not None:
        given["MetricStat"] = {
            "Metric": {
                "MetricName": metric["metricName"],
                "Dimensions": dimensions(metric.get("dimensions") or {}),
                **({"Namespace": metric["namespace"]} if metric.get("namespace") else {}),
            },
            "Period": metric["period"],
            "Stat": metric["stat"],
            **({"Unit": metric["unit"]} if metric.get("unit") else {}),
        }
    return given


def from_service(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return one query of the service in the inputs' own names."""
    found: dict[str, Any] = {
        "id": answer["Id"],
        "expression": answer.get("Expression") or None,
        "label": answer.get("Label") or None,
        "period": answer.get("Period") or None,
        "returnData": bool(answer.get("ReturnData")),
    }
    stat = answer.get("MetricStat")
    if stat:
        metric = stat["Metric"]
        found["metric"] = {
            "dimensions": {each["Name"]: each["Value"] for each in metric.get("Dimensions") or []} or None,
            "metricName": metric["MetricName"],
            "namespace": metric.get("Namespace"),
            "period": int(stat["Period"]),
            "stat": stat["Stat"],
            "unit": stat.get("Unit"),
        }
        found["metric"] = {key: value for key, value in found["metric"].items() if value is not None}
    return {key: value for key, value in found.items() if value is not None}
