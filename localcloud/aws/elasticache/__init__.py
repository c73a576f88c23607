"""Local types of ElastiCache: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:elasticache/parameterGroup:ParameterGroup": (
        "localcloud.aws.elasticache.parameter_group:ParameterGroup"
    ),
    "aws:elasticache/replicationGroup:ReplicationGroup": (
        "localcloud.aws.elasticache.replication_group:ReplicationGroup"
    ),
    "aws:elasticache/subnetGroup:SubnetGroup": "localcloud.aws.elasticache.subnet_group:SubnetGroup",
}
