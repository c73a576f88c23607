"""How people hear of what happens in an environment, and how services tell."""

from components.telemetry.alarm import Alarm, AlarmArgs, alarm_owner, check_runbook
from components.telemetry.alerts import Alerts, AlertsArgs
from components.telemetry.log_group import LogGroup, LogGroupArgs
from components.telemetry.otel import OpenTelemetry

__all__ = [
    "Alarm",
    "AlarmArgs",
    "Alerts",
    "AlertsArgs",
    "LogGroup",
    "LogGroupArgs",
    "OpenTelemetry",
    "alarm_owner",
    "check_runbook",
]
