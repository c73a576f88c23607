"""What moto's RDS lacks: taking parameters back, and a subnet group that survives its own change."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError, DBSubnetGroupNotFoundError
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse


def install() -> None:
    """Add the operations to moto."""
    RDSResponse.reset_db_parameter_group = _reset_db_parameter_group  # pyright: ignore[reportAttributeAccessIssue]
    RDSBackend.modify_db_subnet_group = _modify_db_subnet_group


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
