"""EC2: what was made with a VPC goes with it.

moto removes a VPC's main route table and default security group with it, but keeps its default network ACL,
which nobody could delete on AWS either.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.models import EC2Backend


def install() -> None:
    """Let the deletion of a VPC take the default network ACL along."""
    original = EC2Backend.delete_vpc
    if hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def delete_vpc(self: EC2Backend, vpc_id: str) -> Any:
        deleted = original(self, vpc_id)
        for identity, acl in list(self.network_acls.items()):
            if acl.vpc_id == vpc_id:
                del self.network_acls[identity]
        return deleted

    EC2Backend.delete_vpc = delete_vpc
