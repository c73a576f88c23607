"""EC2: what was made with a VPC goes with it, and a launch template tells the tags that it has.

moto removes a VPC's main route table and default security group with it, but keeps its default network ACL,
which nobody could delete on AWS either. Of a launch template it tells the tags that it was created with.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.launch_templates import LaunchTemplate


def install() -> None:
    """Let the deletion of a VPC take the default network ACL along, and templates tell their live tags."""
    template: Any = LaunchTemplate
    template.tags = property(lambda self: self.get_tags(), lambda self, tags: None)
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
