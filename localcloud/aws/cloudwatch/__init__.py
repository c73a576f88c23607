"""Local types of CloudWatch: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:cloudwatch/logGroup:LogGroup": "localcloud.aws.cloudwatch.log_group:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "localcloud.aws.cloudwatch.metric_alarm:MetricAlarm",
}
