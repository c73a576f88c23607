"""What moto's RDS lacks: taking parameters back, a subnet group that survives its own change, and telling
whether Performance Insights is on."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError, DBSubnetGroupNotFoundError
from moto.rds.models import DBInstance, RDSBackend
from moto.rds.responses import RDSResponse

_INSIGHTS = (
    "enable_performance_insights",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
)


def install() -> None:
    """Add the operations to moto."""
    RDSResponse.reset_db_parameter_group = _reset_db_parameter_group  # pyright: ignore[reportAttributeAccessIssue]
    RDSBackend.modify_db_subnet_group = _modify_db_subnet_group
    original = DBInstance.__init__
    if hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def remember(self: DBInstance, *given: Any, **named: Any) -> None:
        original(self, *given, **named)
        for name in _INSIGHTS:
            setattr(self, name, named.get(name))

    DBInstance.__init__ = remember
    enabled = property(lambda self: bool(self.enable_performance_insights))
    DBInstance.performance_insights_enabled = enabled  # pyright: ignore[reportAttributeAccessIssue]


def _reset_db_parameter_group(self: RDSResponse) -> ActionResult:
    name = self.params["DBParameterGroupName"]
    groups: Any = self.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
    if not groups:
        raise DBParameterGroupNotFoundError(name)
    if self.params.get("ResetAllParameters"):
        groups[0].parameters.clear()
    for parameter in self.params.get("Parameters") or []:
        groups[0].parameters.pop(parameter["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


def _modify_db_subnet_group(self: RDSBackend, subnet_name: str, description: str, subnets: list[Any]) -> Any:
    group: Any = self.subnet_groups.get(subnet_name)
    if group is None:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group.subnets = subnets
    if description is not None:
        group.description = description
    return group
