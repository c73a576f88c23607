"""Who may do what: grants, and the policy documents made of them."""

from components.access.duties import Role
from components.access.grants import Grant
from components.access.policies import (
    POLICY_VERSION,
    Statement,
    check_principals,
    deny_plain_text,
    document,
    key_policy,
    partition,
    web_identity_trust,
)
from components.access.roles import PipelineIdentity, Roles, RolesArgs
from components.access.uses import ToAddresses, ToPods, Use, check_uses, sid

__all__ = [
    "POLICY_VERSION",
    "Grant",
    "PipelineIdentity",
    "Role",
    "Roles",
    "RolesArgs",
    "Statement",
    "ToAddresses",
    "ToPods",
    "Use",
    "check_principals",
    "check_uses",
    "deny_plain_text",
    "document",
    "key_policy",
    "partition",
    "sid",
    "web_identity_trust",
]
