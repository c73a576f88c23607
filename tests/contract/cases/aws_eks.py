"""Cases of the EKS types."""

from __future__ import annotations

import json

from ec2_things import subnet
from lifecycle import Case, Inputs, World

CLUSTER = "aws:eks/cluster:Cluster"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/data"


def role(world: World, name: str) -> str:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "eks.amazonaws.com"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return world.make("aws:iam/role:Role", {"name": name, "assumeRolePolicy": policy})[1]["arn"]


def _cluster(world: World) -> str:
    vpc = {"subnetIds": [subnet(world, 240), subnet(world, 241)]}
    return world.make(CLUSTER, {"name": "shared", "roleArn": role(world, "eks"), "vpcConfig": vpc})[0]


def _node_group(world: World) -> Inputs:
    return {
        "clusterName": _cluster(world),
        "nodeGroupName": world.unique("nodes"),
        "nodeRoleArn": role(world, "nodes"),
        "subnetIds": [subnet(world, 240)],
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3},
        "instanceTypes": ["m7g.large", "m6g.large"],
        "capacityType": "SPOT",
        "diskSize": 50,
        "labels": {"tier": "web", "team": "payments"},
        "taints": [{"key": "spot", "value": "yes", "effect": "NO_SCHEDULE"}],
        "updateConfig": {"maxUnavailablePercentage": 33},
        "version": "1.33",
        "tags": {"Name": "nodes", "environment": "test"},
    }


CASES = [
    Case(
        token="aws:eks/accessEntry:AccessEntry",
        create=lambda w: {
            "clusterName": _cluster(w),
            "principalArn": role(w, w.unique("person")),
            "kubernetesGroups": ["viewers"],
            "userName": "somebody",
            "tags": {"Name": "entry", "environment": "test"},
        },
        update=lambda w, i: {**i, "kubernetesGroups": ["editors", "viewers"], "tags": {"Name": "entry"}},
        replace=lambda w, i: {**i, "principalArn": role(w, "another-node")},
        drift=lambda w, id, s: w.client("eks").update_access_entry(
            clusterName=s["clusterName"], principalArn=s["principalArn"], kubernetesGroups=["owners"]
        ),
        drifted="kubernetesGroups",
        vanish=lambda w, id, s: w.client("eks").delete_access_entry(
            clusterName=s["clusterName"], principalArn=s["principalArn"]
        ),
        bad=[
            ({"principalArn": "somebody"}, "principalArn"),
            ({"type": "ADMIN"}, "type"),
            ({"clusterName": "-"}, "clusterName"),
        ],
    ),
    Case(
        token=CLUSTER,
        create=lambda w: {
            "name": w.unique("cluster"),
            "roleArn": role(w, "eks"),
            "version": "1.33",
            "vpcConfig": {
                "subnetIds": [subnet(w, 240), subnet(w, 241)],
                "endpointPrivateAccess": True,
                "endpointPublicAccess": False,
            },
            "accessConfig": {"authenticationMode": "API"},
            "enabledClusterLogTypes": ["audit", "api"],
            "kubernetesNetworkConfig": {"serviceIpv4Cidr": "172.20.0.0/16"},
            "tags": {"Name": "cluster", "environment": "test"},
        },
        update=lambda w, i: {
            **i,
            "version": "1.34",
            "vpcConfig": {
                "subnetIds": [subnet(w, 240), subnet(w, 242)],
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["192.0.2.0/24"],
            },
            "encryptionConfig": {"provider": {"keyArn": KEY}, "resources": ["secrets"]},
            "enabledClusterLogTypes": ["scheduler"],
            "upgradePolicy": {"supportType": "STANDARD"},
            "tags": {"Name": "cluster"},
        },
        replace=lambda w, i: {**i, "encryptionConfig": None},
        drift=lambda w, id, s: w.client("eks").update_cluster_config(
            name=id, resourcesVpcConfig={"publicAccessCidrs": ["0.0.0.0/0"]}
        ),
        drifted="vpcConfig",
        vanish=lambda w, id, s: w.client("eks").delete_cluster(name=id),
        unread=("bootstrapSelfManagedAddons",),
        bad=[
            ({"name": "-x"}, "name"),
            ({"roleArn": "admin"}, "roleArn"),
            ({"enabledClusterLogTypes": ["all"]}, "enabledClusterLogTypes[0]"),
            ({"vpcConfig": {"subnetIds": []}}, "vpcConfig.subnetIds"),
            (
                {"vpcConfig": {"subnetIds": ["a"], "publicAccessCidrs": ["x"]}},
                "vpcConfig.publicAccessCidrs[0]",
            ),
            (
                {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "10.0.0.0/8"}},
                "kubernetesNetworkConfig.serviceIpv4Cidr",
            ),
            (
                {"kubernetesNetworkConfig": {"serviceIpv4Cidr": "8.0.0.0/16"}},
                "kubernetesNetworkConfig.serviceIpv4Cidr",
            ),
            (
                {"encryptionConfig": {"provider": {"keyArn": KEY}, "resources": ["pods"]}},
                "encryptionConfig.resources[0]",
            ),
            ({"computeConfig": {"enabled": True}}, "computeConfig"),
        ],
    ),
    Case(
        token="aws:eks/nodeGroup:NodeGroup",
        create=_node_group,
        update=lambda w, i: {
            **i,
            "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 6},
            "labels": {"tier": "worker"},
            "taints": [{"key": "gpu", "effect": "NO_EXECUTE"}],
            "updateConfig": {"maxUnavailable": 2},
            "version": "1.34",
            "tags": {"Name": "nodes", "owner": "team"},
        },
        replace=lambda w, i: {**i, "instanceTypes": ["m7g.xlarge"]},
        drift=lambda w, id, s: w.client("eks").update_nodegroup_config(
            clusterName=s["clusterName"], nodegroupName=s["nodeGroupName"], scalingConfig={"maxSize": 9}
        ),
        drifted="scalingConfig",
        vanish=lambda w, id, s: w.client("eks").delete_nodegroup(
            clusterName=s["clusterName"], nodegroupName=s["nodeGroupName"]
        ),
        bad=[
            ({"scalingConfig": {"minSize": -1, "desiredSize": 1, "maxSize": 1}}, "scalingConfig.minSize"),
            ({"scalingConfig": None}, "scalingConfig"),
            ({"capacityType": "FREE"}, "capacityType"),
            ({"taints": [{"key": "a", "effect": "NoSchedule"}]}, "taints[0].effect"),
            ({"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 1}}, "updateConfig"),
            ({"launchTemplate": {"version": "1"}}, "launchTemplate"),
            ({"remoteAccess": {"ec2SshKey": "me"}}, "remoteAccess"),
        ],
    ),
    Case(
        token="aws:eks/addon:Addon",
        create=lambda w: {
            "clusterName": _cluster(w),
            "addonName": w.unique("addon"),
            "addonVersion": "v1.20.4-eksbuild.2",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "serviceAccountRoleArn": role(w, "addon"),
            "resolveConflictsOnCreate": "OVERWRITE",
            "tags": {"Name": "addon", "environment": "test"},
        },
        update=lambda w, i: {
            **{key: value for key, value in i.items() if key != "serviceAccountRoleArn"},
            "addonVersion": "v1.21.0-eksbuild.1",
            "configurationValues": "{}",
            "resolveConflictsOnUpdate": "PRESERVE",
            "tags": {"Name": "addon"},
        },
        replace=lambda w, i: {**i, "addonName": "coredns"},
        drift=lambda w, id, s: w.client("eks").update_addon(
            clusterName=s["clusterName"], addonName=s["addonName"], addonVersion="v1.0.0-eksbuild.1"
        ),
        drifted="addonVersion",
        vanish=lambda w, id, s: w.client("eks").delete_addon(
            clusterName=s["clusterName"], addonName=s["addonName"]
        ),
        unread=("preserve", "resolveConflictsOnCreate", "resolveConflictsOnUpdate"),
        bad=[
            ({"addonVersion": "1.20.4"}, "addonVersion"),
            ({"addonVersion": "latest"}, "addonVersion"),
            ({"resolveConflictsOnCreate": "PRESERVE"}, "resolveConflictsOnCreate"),
            ({"serviceAccountRoleArn": "role"}, "serviceAccountRoleArn"),
            ({"podIdentityAssociations": []}, "podIdentityAssociations"),
        ],
    ),
]
