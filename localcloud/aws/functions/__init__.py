"""Functions of the AWS package: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

FUNCTIONS: Mapping[str, str] = {
    "aws:iam/getPolicyDocument:getPolicyDocument": "localcloud.aws.functions.policy:GetPolicyDocument",
    "aws:index/getAvailabilityZones:getAvailabilityZones": (
        "localcloud.aws.functions.zones:GetAvailabilityZones"
    ),
    "aws:index/getCallerIdentity:getCallerIdentity": "localcloud.aws.functions.identity:GetCallerIdentity",
    "aws:index/getPartition:getPartition": "localcloud.aws.functions.region:GetPartition",
    "aws:index/getRegion:getRegion": "localcloud.aws.functions.region:GetRegion",
}
