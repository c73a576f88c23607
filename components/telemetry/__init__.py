"""How people hear of what happens in an environment, and how services tell."""

from components.telemetry.alerts import Alerts, AlertsArgs
from components.telemetry.otel import OpenTelemetry

__all__ = ["Alerts", "AlertsArgs", "OpenTelemetry"]
