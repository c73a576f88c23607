"""ElastiCache: parameter groups, changes of subnet and replication groups, members of a replication group.

Written after the service's API model (botocore, elasticache 2015-02-02); moto 5.2 has none of these, and
leaves a deleted replication group behind for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.elasticache.exceptions import CacheSubnetGroupNotFound, ElastiCacheException
from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend, ReplicationGroup
from moto.elasticache.responses import ElastiCacheResponse

_GROUPS = "understudy_parameter_groups"

# Members of a modify request that moto drops, by the attribute of its own that they belong to.
_CHANGES = {
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionMode": "transit_encryption_mode",
    "UserGroupIds": "user_group_ids",
}
_FLAGS = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
}


class _ParameterGroupNotFound(ElastiCacheException):
    code = "CacheParameterGroupNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"CacheParameterGroup {name} not found.")


class _ParameterGroupExists(ElastiCacheException):
    code = "CacheParameterGroupAlreadyExists"

    def __init__(self, name: str) -> None:
        super().__init__(f"CacheParameterGroup {name} already exists.")


def install() -> None:
    """Put the operations onto moto's handler and widen what it calls an ElastiCache ARN."""
    operations: dict[str, Callable[[Any], Any]] = {
        "create_cache_parameter_group": _create_parameter_group,
        "delete_cache_parameter_group": _delete_parameter_group,
        "delete_cache_subnet_group": _delete_subnet_group,
        "delete_replication_group": _delete_replication_group,
        "describe_cache_clusters": _describe_clusters,
        "describe_cache_parameter_groups": _describe_parameter_groups,
        "describe_cache_parameters": _describe_parameters,
        "modify_cache_parameter_group": _modify_parameter_group,
        "modify_cache_subnet_group": _modify_subnet_group,
        "modify_replication_group": _modify_replication_group,
        "reset_cache_parameter_group": _reset_parameter_group,
    }
    for name, operation in operations.items():
        setattr(ElastiCacheResponse, name, operation)


# moto's own answers, kept for what is not changed here.
_own_clusters = ElastiCacheResponse.describe_cache_clusters
_own_modify = ElastiCacheResponse.modify_replication_group


def _groups(backend: ElastiCacheBackend) -> dict[str, dict[str, Any]]:
    # Kept on the backend, so that a reset of moto empties it as well.
    if not hasattr(backend, _GROUPS):
        setattr(backend, _GROUPS, {})
        backend.arn_regex = re.compile(r"^arn:aws[a-z-]*:elasticache:[^:]*:\d+:[a-z]+:.+$")
    return getattr(backend, _GROUPS)


def _group(self: ElastiCacheResponse) -> dict[str, Any]:
    name = self._get_param("CacheParameterGroupName")
    groups = _groups(self.elasticache_backend)
    if name not in groups:
        raise _ParameterGroupNotFound(name)
    return groups[name]


def _create_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    name, backend = self._get_param("CacheParameterGroupName"), self.elasticache_backend
    groups = _groups(backend)
    if name in groups:
        raise _ParameterGroupExists(name)
    arn = f"arn:aws:elasticache:{self.region}:{self.current_account}:parametergroup:{name}"
    groups[name] = {
        "CacheParameterGroupName": name,
        "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
        "Description": self._get_param("Description"),
        "IsGlobal": False,
        "ARN": arn,
        "parameters": {},
    }
    tags = self._get_param("Tags", [])
    if tags:
        backend.tagging_service.tag_resource(arn, tags)
    return ActionResult({"CacheParameterGroup": _shown(groups[name])})


def _describe_parameter_groups(self: ElastiCacheResponse) -> ActionResult:
    found = (
        [_group(self)]
        if self._get_param("CacheParameterGroupName")
        else list(_groups(self.elasticache_backend).values())
    )
    return ActionResult({"CacheParameterGroups": [_shown(each) for each in found]})


def _describe_parameters(self: ElastiCacheResponse) -> ActionResult:
    given = _group(self)["parameters"]
    listed = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in sorted(given.items())
    ]
    source = self._get_param("Source")
    return ActionResult({"Parameters": listed if source in (None, "user") else []})


def _modify_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    group = _group(self)
    for each in self._get_param("ParameterNameValues", []):
        group["parameters"][each["ParameterName"]] = each["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def _reset_parameter_group(self: ElastiCacheResponse) -> ActionResult:
    group = _group(self)
    if self._get_bool_param("ResetAllParameters"):
        group["parameters"].clear()
    for each in self._get_param("ParameterNameValues", []):
        group["parameters"].pop(each["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": group["CacheParameterGroupName"]})


def _delete_parameter_group(self: ElastiCacheResponse) -> EmptyResult:
    group, backend = _group(self), self.elasticache_backend
    name = group["CacheParameterGroupName"]
    if any(each.cache_parameter_group_name == name for each in backend.replication_groups.values()):
        raise _InUse(
            f"The parameter group {name} is used by a replication group.", "InvalidCacheParameterGroupState"
        )
    backend.tagging_service.delete_all_tags_for_resource(group["ARN"])
    del _groups(backend)[name]
    return EmptyResult()


class _InUse(ElastiCacheException):
    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(message)


def _delete_subnet_group(self: ElastiCacheResponse) -> EmptyResult:
    name, backend = self._get_param("CacheSubnetGroupName"), self.elasticache_backend
    group = backend.cache_subnet_groups.get(name)
    if group is None:
        raise CacheSubnetGroupNotFound(name)
    if any(each.cache_subnet_group_name == name for each in backend.replication_groups.values()):
        raise _InUse(f"The subnet group {name} is used by a replication group.", "CacheSubnetGroupInUse")
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    del backend.cache_subnet_groups[name]
    return EmptyResult()


def _modify_subnet_group(self: ElastiCacheResponse) -> ActionResult:
    name, backend = self._get_param("CacheSubnetGroupName"), self.elasticache_backend
    old = backend.cache_subnet_groups.get(name)
    if old is None:
        raise CacheSubnetGroupNotFound(name)
    description = self._get_param("CacheSubnetGroupDescription")
    new: Any = CacheSubnetGroup(
        account_id=self.current_account,
        region_name=self.region,
        cache_subnet_group_name=name,
        cache_subnet_group_description=old.cache_subnet_group_description
        if description is None
        else description,
        subnet_ids=self._get_param("SubnetIds", []) or old.subnet_ids,
        tags=None,
    )
    backend.cache_subnet_groups[name] = new
    return ActionResult({"CacheSubnetGroup": new})


def _modify_replication_group(self: ElastiCacheResponse) -> ActionResult:
    answer = _own_modify(self)
    group: ReplicationGroup = self.elasticache_backend.replication_groups[
        self._get_param("ReplicationGroupId")
    ]
    for theirs, attribute in _CHANGES.items():
        value = self._get_param(theirs)
        if value is not None:
            setattr(group, attribute, value)
    for theirs, attribute in _FLAGS.items():
        flag = self._get_bool_param(theirs)
        if flag is not None:
            setattr(group, attribute, flag)
    strategy = self._get_param("AuthTokenUpdateStrategy")
    if self._get_param("AuthToken") or strategy == "DELETE":
        group.auth_token_enabled = strategy != "DELETE"
    return answer


def _delete_replication_group(self: ElastiCacheResponse) -> ActionResult:
    backend = self.elasticache_backend
    group = backend.describe_replication_groups(self._get_param("ReplicationGroupId"))[0]
    group.status = "deleting"
    backend.tagging_service.delete_all_tags_for_resource(group.arn)
    del backend.replication_groups[group.replication_group_id]
    return ActionResult({"ReplicationGroup": group})


def _describe_clusters(self: ElastiCacheResponse) -> ActionResult:
    wanted = self._get_param("CacheClusterId")
    members = [
        _member(group, name)
        for group in self.elasticache_backend.replication_groups.values()
        for name in group.member_clusters
        if wanted in (None, name)
    ]
    if members and wanted is not None:
        return ActionResult({"CacheClusters": members})
    if not members:
        return _own_clusters(self)
    others = [each for each in self.elasticache_backend.describe_cache_clusters() if each]
    return ActionResult({"CacheClusters": [*others, *members]})


def _member(group: ReplicationGroup, name: str) -> dict[str, Any]:
    return {
        "CacheClusterId": name,
        "CacheNodeType": group.cache_node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "CacheClusterStatus": "available",
        "NumCacheNodes": 1,
        "PreferredMaintenanceWindow": group.preferred_maintenance_window,
        "NotificationConfiguration": {"TopicArn": group.notification_topic_arn, "TopicStatus": "active"}
        if group.notification_topic_arn
        else None,
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.cache_parameter_group_name,
            "ParameterApplyStatus": "in-sync",
        },
        "CacheSubnetGroupName": group.cache_subnet_group_name,
        "AutoMinorVersionUpgrade": bool(group.auto_minor_version_upgrade),
        "SecurityGroups": [
            {"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or []
        ],
        "ReplicationGroupId": group.replication_group_id,
        "SnapshotRetentionLimit": group.snapshot_retention_limit,
        "SnapshotWindow": group.snapshot_window,
        "AuthTokenEnabled": group.auth_token_enabled,
        "TransitEncryptionEnabled": group.transit_encryption_enabled,
        "TransitEncryptionMode": group.transit_encryption_mode,
        "AtRestEncryptionEnabled": group.at_rest_encryption_enabled,
        "ARN": group.arn,
        "NetworkType": group.network_type,
        "IpDiscovery": group.ip_discovery,
    }


def _shown(group: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in group.items() if key != "parameters"}
