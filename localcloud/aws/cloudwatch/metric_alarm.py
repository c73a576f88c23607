"""Alarms on a metric, or on an expression over several."""

from __future__ import annotations

import re
from typing import Any, Final

from localcloud.aws.base import AwsType, read_from
from localcloud.aws.checks import arn
from localcloud.aws.cloudwatch import queries
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Autoname, Failures, Flag, Integer, MapOf, Number, SetOf, Text
from localcloud.resource import LocalError, Operation, Properties
from localcloud.values import UNKNOWN

_NAME_LIMIT: Final = 255
_OPERATORS: Final = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)
_SHORTEST_PERIODS: Final = (10, 20, 30)

# From input to the service's own name, for what is handed on as it is.
_PLAIN: Final = {
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "alarmDescription": "AlarmDescription",
    "comparisonOperator": "ComparisonOperator",
    "datapointsToAlarm": "DatapointsToAlarm",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
    "evaluationPeriods": "EvaluationPeriods",
    "extendedStatistic": "ExtendedStatistic",
    "insufficientDataActions": "InsufficientDataActions",
    "metricName": "MetricName",
    "namespace": "Namespace",
    "okActions": "OKActions",
    "period": "Period",
    "statistic": "Statistic",
    "threshold": "Threshold",
    "thresholdMetricId": "ThresholdMetricId",
    "treatMissingData": "TreatMissingData",
    "unit": "Unit",
}


def _action(value: str) -> str | None:
    return None if re.fullmatch(r"arn:[\w-]+:automate:[\w-]+:ec2:\w+", value) else arn(value)


def _period(value: int) -> str | None:
    if value in _SHORTEST_PERIODS or value % 60 == 0:
        return None
    return f"must be 10, 20, 30 or a multiple of 60 seconds, not {value}"


_ACTIONS: Final = Text(check=_action)


class MetricAlarm(AwsType):
    """An alarm; its id is its name."""

    token = "aws:cloudwatch/metricAlarm:MetricAlarm"
    source = read_from("cloudwatch/metric_alarm.go", "055611a654738da73e7b1e2b5d2b7672c6d4d531")
    service = "cloudwatch"
    taggable = True
    inputs = {
        "actionsEnabled": Flag(default=True),
        "alarmActions": SetOf(element=_ACTIONS),
        "alarmDescription": Text(max_length=1024),
        "comparisonOperator": Text(choices=_OPERATORS),
        "datapointsToAlarm": Integer(minimum=1),
        "dimensions": MapOf(element=Text(), conflicts=("metricQueries",)),
        "evaluateLowSampleCountPercentiles": Text(computed=True, choices=("evaluate", "ignore")),
        "evaluationPeriods": Integer(minimum=1),
        "extendedStatistic": Text(pattern=queries.PERCENTILE, conflicts=("statistic", "metricQueries")),
        "insufficientDataActions": SetOf(element=_ACTIONS, max_items=5),
        "metricName": Text(min_length=1, max_length=255, conflicts=("metricQueries",)),
        "metricQueries": SetOf(element=queries.QUERY, conflicts=("metricName",)),
        "name": Text(
            force_new=True, min_length=1, max_length=_NAME_LIMIT, autoname=Autoname(limit=_NAME_LIMIT)
        ),
        "namespace": Text(pattern=queries.NAMESPACE, max_length=255, conflicts=("metricQueries",)),
        "okActions": SetOf(element=_ACTIONS, max_items=5),
        "period": Integer(check=_period, conflicts=("metricQueries",)),
        "statistic": Text(choices=queries.STATISTICS, conflicts=("extendedStatistic", "metricQueries")),
        "threshold": Number(conflicts=("thresholdMetricId",)),
        "thresholdMetricId": Text(min_length=1, max_length=255, conflicts=("threshold",)),
        "treatMissingData": Text(
            default="missing", choices=("breaching", "ignore", "missing", "notBreaching")
        ),
        "unit": Text(choices=queries.UNITS),
    }
    outputs = ("arn",)

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        # Officially optional for alarms by PromQL, which are not implemented.
        for name in ("comparisonOperator", "evaluationPeriods"):
            if inputs.get(name) is None:
                failures.append((name, "is required but was not given"))
        chosen = [name for name in ("statistic", "extendedStatistic") if inputs.get(name) is not None]
        if inputs.get("metricName") is not None and len(chosen) != 1:
            failures.append(("metricName", "needs one of statistic and extendedStatistic"))
        listed = inputs.get("metricQueries")
        if listed is not UNKNOWN:
            failures += queries.validate(listed or [])
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        name = inputs["name"]
        # A second put would silently take an alarm over that belongs to somebody else.
        if self._live(inputs, name) is not None:
            raise LocalError(f"the alarm {name} exists already; import it or choose another name")
        self._put(inputs, name, Tags=to_list(self.wanted_tags(inputs)))
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._live(state, identity)
        if live is None:
            return None
        found: Properties = {
            key: live.get(theirs) for key, theirs in _PLAIN.items() if live.get(theirs) not in ([], "")
        }
        found |= {
            "arn": live["AlarmArn"],
            "dimensions": {each["Name"]: each["Value"] for each in live.get("Dimensions") or []} or None,
            "metricQueries": [queries.from_service(each) for each in live.get("Metrics") or []] or None,
            "name": identity,
            "treatMissingData": live.get("TreatMissingData") or "missing",
        }
        if found["metricQueries"]:
            found["period"] = None
        tags = self.client(state).list_tags_for_resource(ResourceARN=live["AlarmArn"])["Tags"]
        return self.live(state, found, from_list(tags))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self._put(new, identity)

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.tag_resource(ResourceARN=properties["arn"], Tags=to_list(change.put))
        if change.drop:
            client.untag_resource(ResourceARN=properties["arn"], TagKeys=change.drop)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        self.client(state).delete_alarms(AlarmNames=[identity])

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        return None if self._live(inputs, inputs["name"]) is None else inputs["name"]

    def _live(self, properties: Properties, name: str) -> dict[str, Any] | None:
        answer = self.client(properties).describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])
        return next(iter(answer["MetricAlarms"]), None)

    def _put(self, inputs: Properties, name: str, **more: Any) -> None:
        arguments = {theirs: inputs[key] for key, theirs in _PLAIN.items() if inputs.get(key) is not None}
        if inputs.get("dimensions"):
            arguments["Dimensions"] = queries.dimensions(inputs["dimensions"])
        if inputs.get("metricQueries"):
            arguments["Metrics"] = [queries.to_service(each) for each in inputs["metricQueries"]]
        self.client(inputs).put_metric_alarm(AlarmName=name, **arguments, **more)
