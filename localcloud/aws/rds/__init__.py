"""Local types of RDS: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:rds/instance:Instance": "localcloud.aws.rds.instance:Instance",
    "aws:rds/parameterGroup:ParameterGroup": "localcloud.aws.rds.parameter_group:ParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup": "localcloud.aws.rds.subnet_group:SubnetGroup",
}
