"""Local types of IAM: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        "localcloud.aws.iam.open_id_connect_provider:OpenIdConnectProvider"
    ),
    "aws:iam/policy:Policy": "localcloud.aws.iam.policy:Policy",
    "aws:iam/role:Role": "localcloud.aws.iam.role:Role",
    "aws:iam/rolePolicy:RolePolicy": "localcloud.aws.iam.role_policy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (
        "localcloud.aws.iam.role_policy_attachment:RolePolicyAttachment"
    ),
}
