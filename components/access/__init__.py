"""Who may do what: grants, and the policy documents made of them."""

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

__all__ = [
    "POLICY_VERSION",
    "Grant",
    "Statement",
    "check_principals",
    "deny_plain_text",
    "document",
    "key_policy",
    "partition",
    "web_identity_trust",
]
