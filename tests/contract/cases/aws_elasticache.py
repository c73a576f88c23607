"""Cases of the ElastiCache types."""

from __future__ import annotations

from lifecycle import Case, Inputs, World

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup"
PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup"
GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"


def _subnet(world: World, number: int) -> str:
    vpc, _ = world.make(VPC, {"cidrBlock": "10.60.0.0/16", "tags": {"Name": "caches"}})
    cidr = f"10.60.{number}.0/24"
    identity, _ = world.make(SUBNET, {"vpcId": vpc, "cidrBlock": cidr, "tags": {"Name": cidr}})
    return identity


def _subnets(world: World) -> str:
    return world.make(SUBNETS, {"name": "caches", "subnetIds": [_subnet(world, 1)]})[0]


def _parameters(world: World) -> str:
    values = [{"name": "maxmemory-policy", "value": "allkeys-lru"}]
    return world.make(PARAMETERS, {"name": "caches", "family": "redis7", "parameters": values})[0]


def _group(world: World) -> Inputs:
    return {
        "replicationGroupId": world.unique("cache"),
        "description": "quotes",
        "engine": "redis",
        "engineVersion": "7.0",
        "nodeType": "cache.t4g.micro",
        "numCacheClusters": 1,
        "port": 6379,
        "parameterGroupName": _parameters(world),
        "subnetGroupName": _subnets(world),
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "authToken": "correct-horse-battery-staple",
        "applyImmediately": True,
        "tags": {"a": "b"},
    }


def _drop(world: World, name: str, _state: Inputs) -> None:
    world.client("elasticache").delete_replication_group(ReplicationGroupId=name)


def _reparameter(world: World, name: str, _state: Inputs) -> None:
    world.client("elasticache").modify_cache_parameter_group(
        CacheParameterGroupName=name,
        ParameterNameValues=[{"ParameterName": "timeout", "ParameterValue": "99"}],
    )


CASES = [
    Case(
        token=SUBNETS,
        create=lambda w: {"name": w.unique("subnets"), "subnetIds": [_subnet(w, 1)], "tags": {"a": "b"}},
        update=lambda w, i: {**i, "subnetIds": [_subnet(w, 1), _subnet(w, 2)], "tags": {"c": "d"}},
        replace=lambda w, i: {**i, "name": w.unique("other")},
        drift=lambda w, name, _s: w.client("elasticache").modify_cache_subnet_group(
            CacheSubnetGroupName=name, CacheSubnetGroupDescription="by hand"
        ),
        drifted="description",
        vanish=lambda w, name, _s: w.client("elasticache").delete_cache_subnet_group(
            CacheSubnetGroupName=name
        ),
        bad=[({"name": "a/b"}, "name"), ({"subnetIds": "subnet"}, "subnetIds")],
    ),
    Case(
        token=PARAMETERS,
        create=lambda w: {
            "name": w.unique("parameters"),
            "family": "redis7",
            "parameters": [
                {"name": "timeout", "value": "30"},
                {"name": "maxmemory-policy", "value": "noeviction"},
            ],
            "tags": {"a": "b"},
        },
        update=lambda _w, i: {**i, "parameters": [{"name": "timeout", "value": "60"}], "tags": {"c": "d"}},
        replace=lambda _w, i: {**i, "family": "redis6.x"},
        drift=_reparameter,
        drifted="parameters",
        vanish=lambda w, name, _s: w.client("elasticache").delete_cache_parameter_group(
            CacheParameterGroupName=name
        ),
        bad=[
            ({"parameters": [{"name": "timeout", "value": "1"}] * 2}, "parameters"),
            ({"parameters": [{"name": "timeout"}]}, "parameters[0].value"),
        ],
    ),
    Case(
        token=GROUP,
        create=_group,
        update=lambda _w, i: {
            **i,
            "description": "prices",
            "snapshotRetentionLimit": 3,
            "authToken": "another-long-token-0123",
        },
        replace=lambda w, i: {**i, "replicationGroupId": w.unique("other")},
        drift=lambda w, name, _s: w.client("elasticache").modify_replication_group(
            ReplicationGroupId=name, ReplicationGroupDescription="by hand"
        ),
        drifted="description",
        vanish=_drop,
        secrets=("authToken",),
        unread=("authToken", "applyImmediately", "port"),
        bad=[
            ({"engine": "memcached"}, "engine"),
            ({"engine": "valkey"}, "engine"),
            ({"engineVersion": "7"}, "engineVersion"),
            ({"authToken": "short"}, "authToken"),
            ({"transitEncryptionEnabled": False}, "authToken"),
            ({"automaticFailoverEnabled": True}, "numCacheClusters"),
            ({"numCacheClusters": 2, "multiAzEnabled": True}, "multiAzEnabled"),
            ({"replicationGroupId": "1abc"}, "replicationGroupId"),
        ],
    ),
]
