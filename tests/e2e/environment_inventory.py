"""What there is in AWS, on the cluster and among the processes, listed without the code under test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from environment_cloud import Cloud
from kubernetes import client as kube
from kubernetes import config as kube_config

Inventory = dict[str, frozenset[str]]
Client = Callable[[str], Any]

# Cluster-scoped objects that come and go by themselves.
_RESTLESS = ("componentstatuses", "nodes", "certificatesigningrequests", "flowschemas")

# Follow a VPC, security group, NAT gateway, database or Service without being declared.
FOLLOWERS = (
    "ec2 network ACL",
    "ec2 network interface",
    "ec2 main route table",
    "ec2 default group",
    "rds snapshot",
    "cluster ipaddresses",
)


def inventory(cloud: Cloud) -> Inventory:
    """Everything in AWS and every cluster-scoped object and namespace, by kind."""
    return aws(cloud) | cluster(cloud)


def difference(before: Inventory, after: Inventory) -> dict[str, list[str]]:
    """What `after` has and `before` had not, by kind."""
    gained = {kind: sorted(found - before.get(kind, frozenset())) for kind, found in after.items()}
    return {kind: found for kind, found in gained.items() if found}


def aws(cloud: Cloud, region: str | None = None) -> Inventory:
    """Everything in the AWS services that the program uses, in the cloud's own region unless told.

    A KMS key that awaits deletion is gone.
    """

    def client(service: str) -> Any:
        return cloud.client(service, region)

    found = _ec2(client("ec2")) | _data(client) | _messages(client) | _iam(client("iam"))
    return {kind: frozenset(ids) for kind, ids in found.items()}


def _ec2(ec2: Any) -> dict[str, Iterable[str]]:
    groups = ec2.describe_security_groups()["SecurityGroups"]
    tables = ec2.describe_route_tables()["RouteTables"]
    main = {t["RouteTableId"] for t in tables if any(a.get("Main") for a in t["Associations"])}
    interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
    rules = ec2.describe_security_group_rules()["SecurityGroupRules"]
    defaults = {g["GroupId"] for g in groups if g["GroupName"] == "default"}
    return {
        "ec2 VPC": _ids(ec2.describe_vpcs()["Vpcs"], "VpcId"),
        "ec2 subnet": _ids(ec2.describe_subnets()["Subnets"], "SubnetId"),
        "ec2 gateway": _ids(ec2.describe_internet_gateways()["InternetGateways"], "InternetGatewayId"),
        "ec2 NAT gateway": [
            each["NatGatewayId"]
            for each in ec2.describe_nat_gateways()["NatGateways"]
            if each["State"] != "deleted"
        ],
        "ec2 address": _ids(ec2.describe_addresses()["Addresses"], "AllocationId"),
        "ec2 main route table": main,
        "ec2 route table": {t["RouteTableId"] for t in tables} - main,
        "ec2 association": {
            a["RouteTableAssociationId"] for t in tables for a in t["Associations"] if not a.get("Main")
        },
        "ec2 default group": defaults,
        "ec2 security group": {g["GroupId"] for g in groups} - defaults,
        "ec2 security group rule": {
            r["SecurityGroupRuleId"] for r in rules if r["GroupId"] not in defaults and not _all_out(r)
        },
        "ec2 VPC endpoint": [
            each["VpcEndpointId"]
            for each in ec2.describe_vpc_endpoints()["VpcEndpoints"]
            if each["State"] != "deleted"
        ],
        "ec2 flow log": _ids(ec2.describe_flow_logs()["FlowLogs"], "FlowLogId"),
        "ec2 launch template": _ids(ec2.describe_launch_templates()["LaunchTemplates"], "LaunchTemplateId"),
        "ec2 network ACL": _ids(ec2.describe_network_acls()["NetworkAcls"], "NetworkAclId"),
        "ec2 network interface": _ids(interfaces, "NetworkInterfaceId"),
    }


def _all_out(rule: dict[str, Any]) -> bool:
    """A new group's own rule: everything may go out."""
    return rule["IsEgress"] and rule["IpProtocol"] == "-1"


def _data(client: Client) -> dict[str, Iterable[str]]:
    rds, cache, kms = client("rds"), client("elasticache"), client("kms")
    secrets = client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    keys = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
    return {
        "rds instance": _ids(rds.describe_db_instances()["DBInstances"], "DBInstanceIdentifier"),
        "rds snapshot": _ids(rds.describe_db_snapshots()["DBSnapshots"], "DBSnapshotIdentifier"),
        "rds subnet group": _ids(rds.describe_db_subnet_groups()["DBSubnetGroups"], "DBSubnetGroupName"),
        "rds parameter group": _ids(
            rds.describe_db_parameter_groups()["DBParameterGroups"], "DBParameterGroupName"
        ),
        "cache group": _ids(cache.describe_replication_groups()["ReplicationGroups"], "ReplicationGroupId"),
        "cache subnet group": _ids(
            cache.describe_cache_subnet_groups()["CacheSubnetGroups"], "CacheSubnetGroupName"
        ),
        "cache parameter group": _ids(
            cache.describe_cache_parameter_groups()["CacheParameterGroups"], "CacheParameterGroupName"
        ),
        "secret": _ids(secrets, "ARN"),
        "kms key": [
            key["KeyId"] for key in keys
            if key["KeyState"] != "PendingDeletion" and key["KeyManager"] == "CUSTOMER"
        ],
        "kms alias": [
            each["AliasName"]
            for each in kms.list_aliases()["Aliases"]
            if not each["AliasName"].startswith("alias/aws/")
        ],
        "bucket": _ids(client("s3").list_buckets()["Buckets"], "Name"),
        "table": client("dynamodb").list_tables()["TableNames"],
        "function": _ids(client("lambda").list_functions()["Functions"], "FunctionName"),
        "cluster": client("eks").list_clusters()["clusters"],
        "repository": _ids(client("ecr").describe_repositories()["repositories"], "repositoryName"),
    }  # fmt: skip


def _messages(client: Client) -> dict[str, Iterable[str]]:
    sns = client("sns")
    return {
        "queue": client("sqs").list_queues().get("QueueUrls", []),
        "topic": _ids(sns.list_topics()["Topics"], "TopicArn"),
        "subscription": _ids(sns.list_subscriptions()["Subscriptions"], "SubscriptionArn"),
        "log group": _ids(client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        "alarm": _ids(client("cloudwatch").describe_alarms()["MetricAlarms"], "AlarmName"),
    }


def _iam(iam: Any) -> dict[str, Iterable[str]]:
    roles = _ids(iam.list_roles()["Roles"], "RoleName")
    inline = [
        f"{role}:{name}" for role in roles for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    return {
        "role": roles,
        "role policy": inline,
        "policy": _ids(iam.list_policies(Scope="Local")["Policies"], "Arn"),
    }


def _ids(listed: Iterable[dict[str, Any]], key: str) -> list[str]:
    return [each[key] for each in listed]


# -- Kubernetes -------------------------------------------------------------------------------------


def api(cloud: Cloud) -> kube.ApiClient:
    """A client of the cluster."""
    return kube_config.new_client_from_config(cloud.description()["kubeconfig"])


def cluster(cloud: Cloud) -> Inventory:
    """Every object that lies in no namespace, the namespaces among them."""
    with api(cloud) as client:
        found: Inventory = {}
        for path, resource in _kinds(client):
            if not resource["namespaced"] and resource["name"] not in _RESTLESS:
                items = _get(client, f"{path}/{resource['name']}")["items"]
                found[f"cluster {resource['name']}"] = frozenset(each["metadata"]["name"] for each in items)
        return found


def namespace(cloud: Cloud, name: str) -> Inventory:
    """What the program applied to a namespace: everything that no other object owns."""
    ours = ("deployments", "services", "configmaps", "serviceaccounts", "poddisruptionbudgets", "secrets")
    with api(cloud) as client:
        return {
            f"kubernetes {resource['name']}": frozenset(
                f"{name}/{each['metadata']['name']}"
                for each in _get(client, f"{path}/namespaces/{name}/{resource['name']}")["items"]
                if each["metadata"]["name"] not in ("default", "kube-root-ca.crt")
            )
            for path, resource in _kinds(client)
            if resource["namespaced"] and resource["name"] in ours
        }


def _kinds(client: kube.ApiClient) -> list[tuple[str, dict[str, Any]]]:
    paths = ["/api/v1"] + [
        f"/apis/{group['preferredVersion']['groupVersion']}" for group in _get(client, "/apis")["groups"]
    ]
    return [
        (path, resource)
        for path in paths
        for resource in _get(client, path)["resources"]
        if "list" in resource["verbs"] and "/" not in resource["name"]
    ]


def _get(client: kube.ApiClient, path: str) -> dict[str, Any]:
    answer = client.rest_client.pool_manager.request("GET", f"{client.configuration.host}{path}")
    assert answer.status == 200, f"{path}: {answer.status}"
    return answer.json()


# -- against the state ------------------------------------------------------------------------------


def undeclared(
    cloud: Cloud, stack: str, before: Inventory, wanted: Callable[[str], bool] = bool
) -> list[str]:
    """Things that were not there `before` and that the state of `stack` does not know: orphans, doubles."""
    state = cloud.state(stack)["resources"]
    known = {each.get("id") for each in state}
    found = difference(before, inventory(cloud) | namespace(cloud, cloud.outputs(stack)["namespace"]))
    return [
        f"{kind} {identity}"
        for kind, ids in found.items()
        for identity in ids
        if kind not in FOLLOWERS and identity not in known and wanted(identity)
    ]


def servers(cloud: Cloud, stack: str) -> list[str]:
    """Processes of PostgreSQL and Redis that serve `stack`, by their command lines and folders."""
    found: list[str] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = str((folder / "cwd").readlink())
        except OSError:
            continue
        mine = f"{stack}-" in f"{command} {place}" and str(cloud.data) in f"{command} {place}"
        if mine and any(name in command for name in ("postgres", "redis")):
            found.append(command)
    return found
