"""Roles, node groups and add-ons of a cluster; the parts that `Cluster` is put together from."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import naming
from components.access import partition
from components.cluster import identity
from components.cluster.nodes import NodeGroup
from components.context import Context

_NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
# Add-ons that call AWS: the service account they run as, and AWS's own policy for what they do.
_ADDON_ROLES = {
    "vpc-cni": ("aws-node", "AmazonEKS_CNI_Policy"),
    "aws-ebs-csi-driver": ("ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
}
_ADDON_SETTINGS = {
    # Without it network policies are accepted and not enforced.
    "vpc-cni": {"enableNetworkPolicy": "true"},
}


@dataclass(frozen=True, kw_only=True)
class Builder:
    """What every part of a cluster needs: how it is called, tagged and parented."""

    name: str
    region: str
    context: Context
    tags: Callable[[str], dict[str, str]]
    """The tags of the part of this kind."""
    child: Callable[..., pulumi.ResourceOptions]

    def _template(self, key: str, group: NodeGroup) -> aws.ec2.LaunchTemplate:
        """How a group's machines start: metadata by session token only and not for pods, disk encrypted."""
        context, thing = self.context, f"{self.name}-{key}"
        tags = self.tags(key)
        return aws.ec2.LaunchTemplate(
            f"{thing}-machine",
            name=context.name(naming.LAUNCH_TEMPLATE, thing, "machine"),
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                # One hop ends at the node: a pod can't take the node's role.
                http_put_response_hop_limit=1,
            ),
            block_device_mappings=[
                aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        encrypted="true",
                        delete_on_termination="true",
                        volume_size=group.disk,
                        volume_type="gp3",
                    ),
                )
            ],
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume")
            ],
            update_default_version=True,
            tags=tags,
            opts=self.child(),
        )

    def nodes(
        self,
        groups: Mapping[str, NodeGroup],
        *,
        cluster: aws.eks.Cluster,
        subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        version: str,
        after: Sequence[pulumi.Resource],
    ) -> list[pulumi.Resource]:
        """The node groups, created after what their nodes need to get ready."""
        role, allowed = self.role("nodes", identity.service_trust("ec2.amazonaws.com"), _NODE_POLICIES)
        made: list[pulumi.Resource] = []
        for key, group in groups.items():
            template = self._template(key, group)
            nodes = aws.eks.NodeGroup(
                f"{self.name}-{key}",
                cluster_name=cluster.name,
                node_group_name=self.context.name(naming.EKS_NODE_GROUP, f"{self.name}-{key}", "nodes"),
                node_role_arn=role.arn,
                subnet_ids=subnet_ids,
                version=version,
                ami_type=group.ami_type,
                instance_types=list(group.instance_types),
                capacity_type="SPOT" if group.spot else "ON_DEMAND",
                launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                    id=template.id, version=template.latest_version.apply(str)
                ),
                scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                    min_size=group.minimum, desired_size=group.desired, max_size=group.maximum
                ),
                update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable_percentage=33),
                labels=dict(group.labels),
                taints=[
                    aws.eks.NodeGroupTaintArgs(key=one.key, value=one.value or None, effect=one.effect)
                    for one in group.taints
                ],
                tags=self.tags(key),
                opts=self.child(depends_on=[*after, *allowed]),
            )
            made.append(nodes)
        return made

    def addon(
        self,
        addon: str,
        version: str,
        *,
        cluster: aws.eks.Cluster,
        provider_arn: pulumi.Input[str],
        issuer: pulumi.Input[str],
        after: Sequence[pulumi.Resource],
    ) -> pulumi.Resource:
        """An add-on at a version, with a role of its own if it calls AWS."""
        role_arn, needs = None, list(after)
        if addon in _ADDON_ROLES:
            account, policy = _ADDON_ROLES[addon]
            trust = identity.account_trust(provider_arn, issuer, account)
            role, allowed = self.role(addon, trust, (policy,))
            role_arn, needs = role.arn, [*needs, *allowed]
        settings = _ADDON_SETTINGS.get(addon)
        return aws.eks.Addon(
            f"{self.name}-{addon}",
            cluster_name=cluster.name,
            addon_name=addon,
            addon_version=version,
            configuration_values=json.dumps(settings) if settings else None,
            service_account_role_arn=role_arn,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self.tags(addon),
            opts=self.child(depends_on=needs),
        )

    def role(
        self, purpose: str, trust: pulumi.Input[str], policies: Sequence[str]
    ) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """A role with some of AWS's own policies, and what must be there before it is of use."""
        context = self.context
        role = aws.iam.Role(
            f"{self.name}-{purpose}-role",
            name=context.name(naming.IAM_ROLE, self.name, f"{purpose}-role"),
            description=f"{purpose} of cluster {self.name} in {context.environment}",
            assume_role_policy=trust,
            tags=self.tags(f"{purpose}-role"),
            opts=self.child(),
        )
        attached: list[pulumi.Resource] = [
            aws.iam.RolePolicyAttachment(
                f"{self.name}-{purpose}-{policy.rsplit('/', maxsplit=1)[-1]}",
                role=role.name,
                policy_arn=f"arn:{partition(self.region)}:iam::aws:policy/{policy}",
                opts=self.child(),
            )
            for policy in policies
        ]
        return role, attached
