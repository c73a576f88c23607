"""EKS: clusters that are not each other's twins, add-ons, upgrades, and tags of everything.

moto gives every cluster the same issuer, so that two could not have an identity provider each; it has no
add-ons, no access entries, no version or encryption updates, tells no VPC and no cluster security group,
replaces a whole configuration where EKS changes what was given, and tags clusters only.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, InvalidRequestException, ResourceNotFoundException
from moto.eks.models import Cluster, EKSBackend
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from localcloud.aws.moto_additions import eks_access, eks_addons

_create_cluster = EKSResponse.create_cluster
_create_nodegroup = EKSResponse.create_nodegroup
_delete_cluster = EKSBackend.delete_cluster

_PATHS = (
    "/clusters/(?P<name>[^/]+)/updates$",
    "/clusters/(?P<name>[^/]+)/encryption-config/associate$",
    "/clusters/(?P<name>[^/]+)/node-groups/(?P<nodegroupName>[^/]+)/update-version$",
)


def install() -> None:
    """Add the operations to moto."""
    for path in (*_PATHS, *eks_access.PATHS, *eks_addons.PATHS):
        urls.url_paths["{0}" + path] = urls.response.dispatch
    added: Any = EKSResponse
    added.create_cluster = _complete_cluster
    added.create_nodegroup = _complete_nodegroup
    added.update_cluster_config = _update_cluster_config
    added.update_cluster_version = _update_cluster_version
    added.associate_encryption_config = _associate_encryption_config
    added.update_nodegroup_version = _update_nodegroup_version
    backend: Any = EKSBackend
    backend.delete_cluster = _remove_cluster
    backend.tag_resource = _tag
    backend.untag_resource = _untag
    backend.list_tags_for_resource = _tags
    eks_access.install()
    eks_addons.install()


def _complete_cluster(self: EKSResponse) -> ActionResult:
    config = self._get_param("resourcesVpcConfig")
    ec2: Any = ec2_backends[self.current_account][self.region]
    wanted = set(config["subnetIds"])
    subnets = [subnet for subnet in ec2.describe_subnets() if subnet.id in wanted]
    if len(subnets) != len(wanted):
        missing = ", ".join(sorted(wanted - {subnet.id for subnet in subnets}))
        raise InvalidParameterException(message=f"The subnet ID '{missing}' does not exist")
    result = _create_cluster(self)
    name = self._get_param("name")
    cluster: Any = self.eks_backend.clusters[name]
    mark = mock_random.get_random_hex(32).upper()
    cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{self.region}.amazonaws.com/id/{mark}"}}
    cluster.endpoint = f"https://{mark}.gr7.{self.region}.eks.amazonaws.com"
    cluster.certificate_authority = {"data": base64.b64encode(f"no certificate: {mark}".encode()).decode()}
    access = self._get_param("accessConfig") or {}
    cluster.access_config = {"authenticationMode": "CONFIG_MAP", **access}
    cluster.upgrade_policy = self._get_param("upgradePolicy") or {"supportType": "EXTENDED"}
    cluster.deletion_protection = bool(self._get_param("deletionProtection"))
    group = ec2.create_security_group(
        f"eks-cluster-sg-{name}-{mark[:8].lower()}",
        "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        subnets[0].vpc_id,
        {f"kubernetes.io/cluster/{name}": "owned"},
    )
    cluster.resources_vpc_config = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "publicAccessCidrs": ["0.0.0.0/0"],
        **config,
        "vpcId": subnets[0].vpc_id,
        "clusterSecurityGroupId": group.id,
    }
    return result


def _complete_nodegroup(self: EKSResponse) -> ActionResult:
    result = _create_nodegroup(self)
    name = self._get_param("nodegroupName")
    group: Any = self.eks_backend.describe_nodegroup(self._get_param("name"), name)
    group.update_config = self._get_param("updateConfig") or {"maxUnavailable": 1}
    group.node_repair_config = self._get_param("nodeRepairConfig")
    # Nobody can log in to nodes unless asked for; EKS makes no group for that then.
    if not self._get_param("remoteAccess"):
        group.remote_access = {}
        group.resources.pop("remoteAccessSecurityGroup", None)
    if self._get_param("launchTemplate"):
        group.disk_size = None
    if not self._get_param("version"):
        group.version = self.eks_backend.clusters[self._get_param("name")].version
    return result


def _remove_cluster(self: EKSBackend, name: str) -> Cluster:
    known: Any = self.clusters.get(name)
    if known is not None and getattr(known, "deletion_protection", False):
        raise InvalidRequestException(message=f"Cluster {name} can't be deleted: deletion protection is on")
    removed: Any = _delete_cluster(self, name)
    ec2: Any = ec2_backends[self.account_id][self.region_name]
    group = removed.resources_vpc_config.get("clusterSecurityGroupId")
    if group and ec2.get_security_group_from_id(group):
        ec2.delete_security_group(group_id=group)
    return removed


def _update_cluster_config(self: EKSResponse) -> ActionResult:
    cluster: Any = self.eks_backend.describe_cluster(self._get_param("name"))
    cluster.resources_vpc_config |= self._get_param("resourcesVpcConfig") or {}
    cluster.access_config |= self._get_param("accessConfig") or {}
    cluster.upgrade_policy |= self._get_param("upgradePolicy") or {}
    if self._get_param("logging"):
        cluster.logging = self._get_param("logging")
    if self._get_param("deletionProtection") is not None:
        cluster.deletion_protection = self._get_param("deletionProtection")
    return _done("ConfigUpdate")


def _update_cluster_version(self: EKSResponse) -> ActionResult:
    self.eks_backend.describe_cluster(self._get_param("name")).version = self._get_param("version")
    return _done("VersionUpdate")


def _associate_encryption_config(self: EKSResponse) -> ActionResult:
    cluster = self.eks_backend.describe_cluster(self._get_param("name"))
    if cluster.encryption_config:
        raise InvalidParameterException(message="Cluster has encryption enabled already; it can't be changed")
    cluster.encryption_config = self._get_param("encryptionConfig")
    return _done("AssociateEncryptionConfig")


def _update_nodegroup_version(self: EKSResponse) -> ActionResult:
    backend, cluster = self.eks_backend, self._get_param("name")
    group = backend.describe_nodegroup(cluster, self._get_param("nodegroupName"))
    group.version = self._get_param("version") or backend.clusters[cluster].version
    if self._get_param("releaseVersion"):
        group.release_version = self._get_param("releaseVersion")
    if self._get_param("launchTemplate"):
        group.launch_template = {**(group.launch_template or {}), **self._get_param("launchTemplate")}
    return _done("VersionUpdate")


def _done(kind: str) -> ActionResult:
    update = {
        "id": str(mock_random.uuid4()),
        "status": "Successful",
        "type": kind,
        "params": [],
        "createdAt": utcnow(),
        "errors": [],
    }
    return ActionResult({"update": update})


def _tagged(backend: EKSBackend, arn: str) -> dict[str, str]:
    """The tags of a cluster or of a part of one, to read or to change."""

    def known() -> Iterable[tuple[str, dict[str, str]]]:
        for cluster in backend.clusters.values():
            yield cluster.arn, cluster.tags
            for group in cluster.nodegroups.values():
                yield group.arn, group.tags
            for addon in eks_addons.of(cluster).values():
                yield addon["addonArn"], addon["tags"]
            for entry in eks_access.of(cluster).values():
                yield entry["accessEntryArn"], entry["tags"]

    for candidate, tags in known():
        if candidate == arn:
            return tags
    raise ResourceNotFoundException(message=f"Resource {arn} was not found")


def _tag(self: EKSBackend, resource_arn: str, tags: dict[str, str]) -> None:
    _tagged(self, resource_arn).update(tags)


def _untag(self: EKSBackend, resource_arn: str, tag_keys: Any) -> None:
    tags = _tagged(self, resource_arn)
    for key in tag_keys if isinstance(tag_keys, list) else [tag_keys]:
        tags.pop(key, None)


def _tags(self: EKSBackend, resource_arn: str) -> dict[str, str]:
    return _tagged(self, resource_arn)
