"""aws:ec2/defaultSecurityGroup:DefaultSecurityGroup."""

from __future__ import annotations

from localcloud.aws.base import read_from
from localcloud.aws.ec2 import permissions
from localcloud.aws.ec2.base import filters, tags_of
from localcloud.aws.ec2.security_group import SecurityGroup
from localcloud.aws.tags import TagChange
from localcloud.fields import Failures, Text
from localcloud.resource import LocalError, Operation, Properties


class DefaultSecurityGroup(SecurityGroup):
    """The group that EC2 makes with a VPC, taken over: its rules are replaced by the given ones.

    As with the official provider, a deletion leaves the group and its rules as they are.
    """

    token = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    source = read_from("ec2/vpc_default_security_group.go", "01f431114674c27cf790fafb67ac274bf8f765e1")
    taggable = True
    inputs = {
        **{name: SecurityGroup.inputs[name] for name in ("egress", "ingress", "revokeRulesOnDelete")},
        "vpcId": Text(computed=True, force_new=True),
    }
    outputs = ("arn", "description", "name", "namePrefix", "ownerId")

    def validate(self, inputs: Properties) -> Failures:
        if inputs.get("vpcId") is None:
            return [("vpcId", "is required: the account's default VPC is not implemented locally")]
        return super().validate(inputs)

    def make(self, operation: Operation, inputs: Properties) -> str:
        client = self.client(inputs)
        criteria = filters(vpc_id=inputs["vpcId"], group_name="default")
        groups = client.describe_security_groups(Filters=criteria)["SecurityGroups"]
        if not groups:
            raise LocalError(f"{operation.name}: there is no VPC {inputs['vpcId']} with a default group")
        group = groups[0]
        identity = group["GroupId"]
        operation.made(identity)
        change = TagChange.between(tags_of(group), self.wanted_tags(inputs))
        if change:
            self.retag(operation, identity, inputs, change)
        for direction, key in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
            wanted = permissions.atoms(inputs.get(direction) or [], identity)
            self._set_rules(client, identity, direction, permissions.live_atoms(group[key]), wanted)
        return identity

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        """Do nothing: the group goes with its VPC, and not before."""

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        criteria = filters(vpc_id=inputs["vpcId"], group_name="default")
        groups = self.client(inputs).describe_security_groups(Filters=criteria)["SecurityGroups"]
        return self.only(((each["GroupId"], tags_of(each)) for each in groups), inputs)
