"""Caches: a primary node and its replicas in the control plane, one real Redis behind them."""

from __future__ import annotations

import re
from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.elasticache.nodes import memory_mib
from localcloud.aws.elasticache.parameter_group import parameters_of
from localcloud.aws.elasticache.tagging import CacheType
from localcloud.aws.plane import data_plane
from localcloud.aws.tags import to_list
from localcloud.fields import Autoname, Failures, Flag, Integer, SetOf, Text
from localcloud.resource import Live, LocalError, Operation, Properties
from localcloud.values import UNKNOWN

_GONE: Final = ("ReplicationGroupNotFoundFault",)
_NAME_LIMIT: Final = 40
_VERSION: Final = r"[1-5](\.\d+){2}|6\.(x|[02])|[7-9]\.\d+"
_DEFAULT_VERSION: Final = "7.0"

# From input to the argument of create and modify, for what both take.
_BOTH: Final = {
    "autoMinorVersionUpgrade": "AutoMinorVersionUpgrade",
    "automaticFailoverEnabled": "AutomaticFailoverEnabled",
    "description": "ReplicationGroupDescription",
    "engine": "Engine",
    "engineVersion": "EngineVersion",
    "ipDiscovery": "IpDiscovery",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "multiAzEnabled": "MultiAZEnabled",
    "nodeType": "CacheNodeType",
    "notificationTopicArn": "NotificationTopicArn",
    "parameterGroupName": "CacheParameterGroupName",
    "securityGroupIds": "SecurityGroupIds",
    "snapshotRetentionLimit": "SnapshotRetentionLimit",
    "snapshotWindow": "SnapshotWindow",
    "transitEncryptionEnabled": "TransitEncryptionEnabled",
    "transitEncryptionMode": "TransitEncryptionMode",
}
_CREATE: Final = {
    "atRestEncryptionEnabled": "AtRestEncryptionEnabled",
    "kmsKeyId": "KmsKeyId",
    "networkType": "NetworkType",
    "numCacheClusters": "NumCacheClusters",
    "port": "Port",
    "subnetGroupName": "CacheSubnetGroupName",
}


def _token(value: str) -> str | None:
    if 16 <= len(value) <= 128 and re.fullmatch(r"[!-~]+", value) and not re.search(r'[@"/]', value):
        return None
    return 'must have 16 to 128 printable characters without @, " and /'


class ReplicationGroup(CacheType):
    """A replication group without shards; its id is its name."""

    token = "aws:elasticache/replicationGroup:ReplicationGroup"
    source = read_from("elasticache/replication_group.go", "001b6364c1a3b3045e152f655440a6d47eb44a70")
    kind = "replicationgroup"
    taggable = True
    inputs = {
        "applyImmediately": Flag(computed=True),
        "atRestEncryptionEnabled": Flag(computed=True, force_new=True),
        "authToken": Text(secret=True, write_only=True, check=_token),
        "authTokenUpdateStrategy": Text(choices=("SET", "ROTATE", "DELETE")),
        "autoMinorVersionUpgrade": Flag(computed=True),
        "automaticFailoverEnabled": Flag(default=False),
        "description": Text(required=True, min_length=1),
        "engine": Text(computed=True, choices=("redis", "valkey"), ignore_case=True),
        "engineVersion": Text(computed=True, pattern=_VERSION),
        "ipDiscovery": Text(computed=True, choices=("ipv4", "ipv6")),
        "kmsKeyId": Text(force_new=True),
        "maintenanceWindow": Text(computed=True, ignore_case=True),
        "multiAzEnabled": Flag(default=False),
        "networkType": Text(computed=True, force_new=True, choices=("ipv4", "ipv6", "dual_stack")),
        "nodeType": Text(computed=True),
        "notificationTopicArn": Text(check=arn),
        "numCacheClusters": Integer(computed=True, minimum=1, maximum=6),
        "parameterGroupName": Text(computed=True),
        "port": Integer(force_new=True, minimum=1, maximum=65_535),
        "replicationGroupId": Text(
            force_new=True,
            max_length=_NAME_LIMIT,
            pattern=r"[A-Za-z](-?[0-9A-Za-z])*",
            ignore_case=True,
            autoname=Autoname(limit=_NAME_LIMIT),
        ),
        "securityGroupIds": SetOf(element=Text(), computed=True),
        "snapshotRetentionLimit": Integer(minimum=0, maximum=35),
        "snapshotWindow": Text(computed=True),
        "subnetGroupName": Text(computed=True, force_new=True),
        "transitEncryptionEnabled": Flag(computed=True),
        "transitEncryptionMode": Text(computed=True, choices=("preferred", "required")),
    }
    outputs = (
        "arn",
        "clusterEnabled",
        "engineVersionActual",
        "memberClusters",
        "primaryEndpointAddress",
        "readerEndpointAddress",
    )

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        if inputs.get("engine") == "valkey":
            failures.append(("engine", "valkey has no server on this machine; use redis here"))
        clusters = inputs.get("numCacheClusters") or 1
        failover, zones = inputs["automaticFailoverEnabled"], inputs["multiAzEnabled"]
        if failover is True and clusters is not UNKNOWN and clusters < 2:
            failures.append(("numCacheClusters", "must be at least 2 with automaticFailoverEnabled"))
        if zones is True and failover is False:
            failures.append(("multiAzEnabled", "needs automaticFailoverEnabled to be true"))
        if inputs.get("authToken") is not None and inputs.get("transitEncryptionEnabled") in (None, False):
            failures.append(("authToken", "needs transitEncryptionEnabled to be true"))
        if inputs.get("authTokenUpdateStrategy") is not None and inputs.get("authToken") is None:
            failures.append(("authTokenUpdateStrategy", "needs authToken to be given as well"))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        from localcloud.dataplane import CacheSpec  # noqa: PLC0415 - only caches need its memory

        client, name = self.client(inputs), inputs["replicationGroupId"].lower()
        given = {
            theirs: inputs[key] for key, theirs in (_BOTH | _CREATE).items() if inputs.get(key) is not None
        }
        given.setdefault("EngineVersion", _DEFAULT_VERSION)
        if inputs.get("authToken"):
            given["AuthToken"] = inputs["authToken"]
        group = inputs.get("parameterGroupName")
        parameters = parameters_of(client, group) if group else {}
        with data_plane() as plane:
            plane.caches.check(given["EngineVersion"], parameters)
            client.create_replication_group(
                ReplicationGroupId=name, Tags=to_list(self.wanted_tags(inputs)), **given
            )
            operation.made(name, {**inputs, "replicationGroupId": name})
            operation.say("starting Redis")
            plane.caches.create(
                CacheSpec(
                    identifier=name,
                    engine_version=given["EngineVersion"],
                    auth_token=inputs.get("authToken"),
                    tls=_tls(inputs),
                    parameters=parameters,
                    memory_mib=memory_mib(inputs.get("nodeType")),
                )
            )
        return name

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        client = self.client(state)
        answer = attempt(_GONE, client.describe_replication_groups, ReplicationGroupId=identity)
        if answer is None:
            return None
        with data_plane() as plane:
            server = plane.caches.describe(identity)
        if server is None:
            return None
        live = answer["ReplicationGroups"][0]
        members = live.get("MemberClusters") or []
        member = client.describe_cache_clusters(CacheClusterId=members[0])["CacheClusters"][0]
        endpoint = server.endpoint
        found = {
            **_from_group(live),
            **_from_member(member),
            "applyImmediately": state.get("applyImmediately"),
            "authTokenUpdateStrategy": state.get("authTokenUpdateStrategy"),
            "engineVersionActual": server.version,
            "memberClusters": members,
            "numCacheClusters": len(members),
            "port": endpoint.port,
            "primaryEndpointAddress": endpoint.address,
            "readerEndpointAddress": endpoint.address,
            "replicationGroupId": identity,
        }
        return self.live(state, found, self.tags_of(client, live["ARN"]))

    def read(self, operation: Operation, identity: str, inputs: Properties, state: Properties) -> Live | None:
        live = super().read(operation, identity, inputs, state)
        if live is None:
            return None
        # Which port the server really has is this machine's business and no drift.
        wanted = {name: value for name, value in live.inputs.items() if name != "port"}
        return Live(live.id, live.state, {**wanted, **({"port": inputs["port"]} if "port" in inputs else {})})

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        if _tls(old) != _tls(new):
            raise LocalError(f"{identity}: a running cache can't switch TLS on or off here; replace it")
        if old.get("numCacheClusters") != new.get("numCacheClusters") and new.get("numCacheClusters"):
            raise LocalError(
                f"{identity}: the number of nodes of a running cache can't be changed here; replace it"
            )
        client = self.client(new)
        changed = {
            theirs: new[key]
            for key, theirs in _BOTH.items()
            if new.get(key) is not None and not self.inputs[key].same(old.get(key), new[key])
        }
        strategy: Any = new.get("authTokenUpdateStrategy")
        given: dict[str, Any] = {}
        if old.get("authToken") != new.get("authToken") or (
            strategy == "DELETE" != old.get("authTokenUpdateStrategy")
        ):
            given = {"AuthToken": new.get("authToken") or "", "AuthTokenUpdateStrategy": strategy or "ROTATE"}
        with data_plane() as plane:
            if "EngineVersion" in changed:
                plane.caches.check(changed["EngineVersion"], {})
            if given:
                plane.caches.modify(
                    identity,
                    auth_token=new.get("authToken"),
                    strategy=given["AuthTokenUpdateStrategy"],
                )
            if "CacheParameterGroupName" in changed:
                values = parameters_of(client, changed["CacheParameterGroupName"])
                plane.caches.modify(identity, parameters=values)
            if changed or given:
                client.modify_replication_group(
                    ReplicationGroupId=identity, ApplyImmediately=True, **changed, **given
                )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_GONE, self.client(state).delete_replication_group, ReplicationGroupId=identity)
        with data_plane() as plane:
            plane.caches.delete(identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        name = inputs["replicationGroupId"].lower()
        found = attempt(_GONE, self.client(inputs).describe_replication_groups, ReplicationGroupId=name)
        return None if found is None else name

    def _keeps(self, name: str, value: Any, live: Properties) -> bool:
        # The state tells the port to connect to, whatever port was asked for.
        return name != "port" and super()._keeps(name, value, live)


def _tls(inputs: Properties) -> bool:
    """Tell whether clients must use TLS; with ``preferred`` both kinds of connection are welcome."""
    return bool(inputs.get("transitEncryptionEnabled")) and inputs.get("transitEncryptionMode") != "preferred"


def _from_group(live: dict[str, Any]) -> Properties:
    return {
        "arn": live["ARN"],
        "atRestEncryptionEnabled": live.get("AtRestEncryptionEnabled"),
        "autoMinorVersionUpgrade": live.get("AutoMinorVersionUpgrade"),
        "automaticFailoverEnabled": live.get("AutomaticFailover") == "enabled",
        "clusterEnabled": live.get("ClusterEnabled"),
        "description": live.get("Description"),
        "kmsKeyId": live.get("KmsKeyId"),
        "multiAzEnabled": live.get("MultiAZ") == "enabled",
        "nodeType": live.get("CacheNodeType"),
        "snapshotRetentionLimit": live.get("SnapshotRetentionLimit"),
        "snapshotWindow": live.get("SnapshotWindow"),
        "transitEncryptionEnabled": live.get("TransitEncryptionEnabled"),
        "transitEncryptionMode": live.get("TransitEncryptionMode"),
    }


def _from_member(member: dict[str, Any]) -> Properties:
    groups = [each["SecurityGroupId"] for each in member.get("SecurityGroups") or []]
    return {
        "engine": member.get("Engine"),
        "engineVersion": member.get("EngineVersion"),
        "ipDiscovery": member.get("IpDiscovery"),
        "maintenanceWindow": member.get("PreferredMaintenanceWindow"),
        "networkType": member.get("NetworkType"),
        "notificationTopicArn": (member.get("NotificationConfiguration") or {}).get("TopicArn"),
        "parameterGroupName": (member.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
        "securityGroupIds": groups or None,
        "subnetGroupName": member.get("CacheSubnetGroupName"),
    }
