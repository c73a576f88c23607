"""How people hear of what happens in an environment."""

from components.telemetry.alerts import Alerts, AlertsArgs

__all__ = ["Alerts", "AlertsArgs"]
