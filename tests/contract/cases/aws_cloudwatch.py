"""Cases of the CloudWatch types."""

from __future__ import annotations

from typing import Any

from lifecycle import Case, Inputs, World


def _alarm(world: World) -> Inputs:
    return {
        "name": world.unique("alarm"),
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 2,
        "metricName": "ApproximateAgeOfOldestMessage",
        "namespace": "AWS/SQS",
        "period": 60,
        "statistic": "Maximum",
        "threshold": 300,
        "dimensions": {"QueueName": "orders"},
        "alarmActions": [f"arn:aws:sns:{world.region}:{world.account}:alerts"],
        "alarmDescription": "old messages",
        "tags": {"a": "b"},
    }


def _raise_threshold(world: World, name: str, state: Inputs) -> None:
    world.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        ComparisonOperator=state["comparisonOperator"],
        EvaluationPeriods=2,
        MetricName=state["metricName"],
        Namespace=state["namespace"],
        Period=60,
        Statistic="Maximum",
        Threshold=1,
        Dimensions=[{"Name": "QueueName", "Value": "orders"}],
        AlarmActions=state["alarmActions"],
        AlarmDescription="old messages",
        TreatMissingData="missing",
    )


_BAD: list[tuple[dict[str, Any], str]] = [
    ({"comparisonOperator": "Above"}, "comparisonOperator"),
    ({"period": 61}, "period"),
    ({"evaluationPeriods": 0}, "evaluationPeriods"),
    ({"evaluationPeriods": None}, "evaluationPeriods"),
    ({"alarmActions": ["mail"]}, "alarmActions[0]"),
    ({"statistic": None}, "metricName"),
    ({"extendedStatistic": "p99"}, "extendedStatistic"),
    ({"unit": "Bushels"}, "unit"),
    ({"namespace": ":bad"}, "namespace"),
    ({"thresholdMetricId": "m1"}, "threshold"),
]

CASES = [
    Case(
        token="aws:cloudwatch/logGroup:LogGroup",
        create=lambda w: {"name": w.unique("/logs/x"), "retentionInDays": 7, "tags": {"a": "b"}},
        update=lambda _w, i: {**i, "retentionInDays": 30, "tags": {"a": "c"}},
        replace=lambda w, i: {**i, "name": w.unique("/logs/y")},
        drift=lambda w, name, _s: w.client("logs").put_retention_policy(logGroupName=name, retentionInDays=1),
        drifted="retentionInDays",
        vanish=lambda w, name, _s: w.client("logs").delete_log_group(logGroupName=name),
        bad=[
            ({"retentionInDays": 8}, "retentionInDays"),
            ({"name": "a b"}, "name"),
            ({"namePrefix": "p"}, "name"),
        ],
    ),
    Case(
        token="aws:cloudwatch/metricAlarm:MetricAlarm",
        create=_alarm,
        update=lambda _w, i: {
            **i,
            "threshold": 600.5,
            "treatMissingData": "notBreaching",
            "tags": {"c": "d"},
        },
        replace=lambda w, i: {**i, "name": w.unique("other")},
        drift=_raise_threshold,
        drifted="threshold",
        vanish=lambda w, name, _s: w.client("cloudwatch").delete_alarms(AlarmNames=[name]),
        bad=_BAD,
    ),
]
