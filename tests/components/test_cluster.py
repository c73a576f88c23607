"""Clusters: private, encrypted, logged, pinned; their nodes and identities; those of another stack."""

import json
from dataclasses import fields
from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components.checks import InvalidArgument
from components.cluster import Admission, Cluster, ClusterArgs, ExistingCluster, NodeGroup, Taint, versions

KEY = "arn:aws:kms:eu-west-1:123456789012:key/data"
PHYSICAL = "understudy-feature-x-orders-cluster"

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=300),
    st.binary(max_size=20),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=20)), max_size=4),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=20)), max_size=4).map(tuple),
    st.dictionaries(
        st.one_of(st.text(max_size=20), st.integers()), st.one_of(st.none(), st.text(max_size=20))
    ),
)


def built(**changes: Any) -> Run:
    return run(lambda: examples.make(Cluster, **changes))


def plane(cluster: Run) -> dict[str, Any]:
    return cluster.one("eks/cluster:Cluster").inputs


def test_the_endpoint_is_private_unless_blocks_are_named() -> None:
    config = plane(built())["vpcConfig"]
    assert config["endpointPrivateAccess"] is True
    assert config["endpointPublicAccess"] is False
    opened = plane(built(public_cidrs=("192.0.2.0/24",)))["vpcConfig"]
    assert opened["endpointPublicAccess"] is True
    assert opened["publicAccessCidrs"] == ["192.0.2.0/24"]


def test_secrets_are_encrypted_with_the_key() -> None:
    assert plane(built(kms_key_arn=KEY))["encryptionConfig"] == {
        "provider": {"keyArn": KEY},
        "resources": ["secrets"],
    }


def test_production_has_a_key() -> None:
    production = {"context": examples.context("production", profile="production"), "region": "eu-west-1"}
    with pytest.raises(InvalidArgument, match=r"^kms_key_arn is None: give the ARN"):
        ClusterArgs(**production, subnet_ids=["a", "b"])
    ClusterArgs(**production, subnet_ids=["a", "b"], kms_key_arn=KEY)


def test_everything_is_logged_into_a_group_that_was_there_before() -> None:
    cluster = built(log_retention_days=90)
    assert sorted(plane(cluster)["enabledClusterLogTypes"]) == [
        *("api", "audit", "authenticator", "controllerManager", "scheduler")
    ]
    group = cluster.one("LogGroup")
    assert group.inputs["name"] == f"/aws/eks/{PHYSICAL}/cluster"
    assert group.inputs["retentionInDays"] == 90
    assert any(urn.endswith(f"::{group.name}") for urn in cluster.one("eks/cluster:Cluster").depends_on)


def test_addons_are_pinned_and_nodes_wait_for_those_they_need() -> None:
    cluster = built()
    addons = {one.inputs["addonName"]: one for one in cluster.of("eks/addon:Addon")}
    pinned = {name: one.inputs["addonVersion"] for name, one in addons.items()}
    assert pinned == dict(versions.ADDONS[versions.DEFAULT])
    assert plane(cluster)["bootstrapSelfManagedAddons"] is False
    nodes = cluster.one("eks/nodeGroup:NodeGroup", "orders-general")
    awaited = {urn.rsplit("::", 1)[-1] for urn in nodes.depends_on}
    assert {f"orders-{name}" for name in versions.BEFORE_NODES} <= awaited
    for name in versions.AFTER_NODES:
        assert any(urn.endswith("::orders-general") for urn in addons[name].depends_on)
    assert json.loads(addons["vpc-cni"].inputs["configurationValues"]) == {"enableNetworkPolicy": "true"}


def test_every_pinned_release_has_every_addon() -> None:
    for release, addons in versions.ADDONS.items():
        assert set(addons) == {*versions.BEFORE_NODES, *versions.AFTER_NODES}
        assert addons["kube-proxy"].startswith(f"v{release}.")


def test_roles_are_for_one_purpose_each() -> None:
    cluster = built()
    policies: dict[str, set[str]] = {}
    for one in cluster.of("RolePolicyAttachment"):
        policies.setdefault(one.inputs["role"], set()).add(one.inputs["policyArn"].rsplit("/", 1)[-1])
    trusts = {
        one.inputs["name"]: json.loads(one.inputs["assumeRolePolicy"])["Statement"][0]
        for one in cluster.of("iam/role:Role")
    }
    nodes, network = (
        next(name for name in trusts if name.startswith(f"understudy-feature-x-orders-{purpose}-role"))
        for purpose in ("nodes", "vpc-cni")
    )
    assert policies[nodes] == {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}
    assert policies[network] == {"AmazonEKS_CNI_Policy"}
    issuer = f"oidc.eks.eu-west-1.amazonaws.com/id/{PHYSICAL}"
    assert trusts[network]["Principal"] == {"Federated": outputs(cluster)["oidcProviderArn"]}
    assert trusts[network]["Condition"]["StringEquals"] == {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": "system:serviceaccount:kube-system:aws-node",
    }


def test_node_groups_are_as_they_were_described() -> None:
    spot = NodeGroup(
        instance_types=("m7g.large", "m6gd.large"),
        minimum=0,
        desired=1,
        maximum=4,
        disk=80,
        spot=True,
        labels={"workload": "batch"},
        taints=(Taint(key="spot", value="yes"),),
    )
    cluster = built(node_groups={"general": NodeGroup(), "batch": spot})
    batch = cluster.one("eks/nodeGroup:NodeGroup", "orders-batch").inputs
    assert batch["scalingConfig"] == {"minSize": 0, "desiredSize": 1, "maxSize": 4}
    assert (batch["capacityType"], batch["amiType"]) == ("SPOT", "AL2023_ARM_64_STANDARD")
    assert batch["taints"] == [{"key": "spot", "value": "yes", "effect": "NO_SCHEDULE"}]
    assert batch["labels"] == {"workload": "batch"}
    general = cluster.one("eks/nodeGroup:NodeGroup", "orders-general").inputs
    assert (general["capacityType"], general["amiType"]) == ("ON_DEMAND", "AL2023_x86_64_STANDARD")
    assert general["version"] == plane(cluster)["version"]


def test_machines_keep_their_role_from_pods_and_their_disks_encrypted() -> None:
    cluster = built(node_groups={"general": NodeGroup(disk=80)})
    template = cluster.one("launchTemplate:LaunchTemplate")
    options = template.inputs["metadataOptions"]
    assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)
    disk = template.inputs["blockDeviceMappings"][0]["ebs"]
    assert (disk["encrypted"], disk["volumeSize"]) == ("true", 80)
    group = cluster.one("eks/nodeGroup:NodeGroup").inputs
    # A new version of the template is rolled out, and not merely there.
    assert group["launchTemplate"] == {"id": f"{template.name}-id", "version": "4"}
    assert "diskSize" not in group
    assert {one["resourceType"] for one in template.inputs["tagSpecifications"]} == {"instance", "volume"}


def test_roles_are_let_in_as_members_of_groups_and_by_entries_alone() -> None:
    admissions = {"developers": Admission(role_arn="arn:developers", groups=("developers",))}
    cluster = built(admissions=admissions)
    assert plane(cluster)["accessConfig"]["authenticationMode"] == "API"
    entry = cluster.one("AccessEntry", "orders-admits-developers").inputs
    assert (entry["principalArn"], entry["kubernetesGroups"]) == ("arn:developers", ["developers"])
    assert entry["clusterName"] == PHYSICAL


@pytest.mark.parametrize("groups", [(), ("system:masters",), ("a b",), "developers", (1,)])
def test_nobody_is_made_a_member_of_a_reserved_group(groups: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^groups(\[0\])? is "):
        Admission(role_arn="arn:developers", groups=groups)


def test_an_environment_adds_its_own_roles_to_an_existing_cluster() -> None:
    known = ExistingCluster(**{field.name: f"their-{field.name}" for field in fields(ExistingCluster)})
    admissions = {"ci": Admission(role_arn="arn:ci", groups=("ci",))}
    taken = built(existing=known, subnet_ids=None, admissions=admissions)
    assert [one.token for one in taken.resources if one.custom] == ["aws:eks/accessEntry:AccessEntry"]
    assert taken.one("AccessEntry").inputs["clusterName"] == "their-name"


@pytest.mark.parametrize(
    ("instance_type", "arm"),
    [
        ("m7g.large", True),
        ("c6gn.xlarge", True),
        ("a1.large", True),
        ("m7i.large", False),
        ("m7i-flex.large", False),
        ("g5.xlarge", False),
        ("u-6tb1.metal", None),
    ],
)
def test_the_image_fits_the_processor(instance_type: str, arm: bool | None) -> None:
    if arm is None:
        with pytest.raises(InvalidArgument, match=r"^instance_types is "):
            NodeGroup(instance_types=(instance_type,))
    else:
        assert ("ARM" in NodeGroup(instance_types=(instance_type,)).ami_type) is arm


def outputs(cluster: Run) -> dict[str, Any]:
    found = cluster.one("understudy:cluster:Cluster").outputs
    assert found is not None
    return found


def test_outputs_are_what_workloads_and_people_need() -> None:
    found = outputs(built())
    assert found["name"] == PHYSICAL
    assert found["issuer"] == f"oidc.eks.eu-west-1.amazonaws.com/id/{PHYSICAL}"
    assert found["securityGroupId"] == f"sg-{PHYSICAL}"
    assert found["certificateAuthority"] == "Y2VydGlmaWNhdGU="


def test_the_kubeconfig_asks_for_a_token_and_holds_none() -> None:
    seen: list[dict[str, Any]] = []
    run(lambda: examples.make(Cluster).kubeconfig().apply(lambda text: seen.append(json.loads(text))))
    config = seen[0]
    user = config["users"][0]["user"]
    assert set(user) == {"exec"}
    assert user["exec"]["command"] == "aws"
    assert user["exec"]["args"][-4:] == ["--cluster-name", PHYSICAL, "--region", "eu-west-1"]
    assert config["clusters"][0]["cluster"]["certificate-authority-data"] == "Y2VydGlmaWNhdGU="
    assert config["current-context"] == config["contexts"][0]["name"]


def test_an_existing_cluster_is_taken_over_as_it_is() -> None:
    known = {field.name: f"their-{field.name}" for field in fields(ExistingCluster)}
    seen: list[str] = []

    def program() -> None:
        cluster = examples.make(Cluster, existing=ExistingCluster(**known), subnet_ids=None, admissions={})
        cluster.kubeconfig().apply(seen.append)

    taken = run(program)
    assert [one.token for one in taken.resources] == ["understudy:cluster:Cluster"]
    assert outputs(taken)["oidcProviderArn"] == "their-oidc_provider_arn"
    assert set(outputs(taken)) == set(outputs(built()))
    assert "their-endpoint" in seen[0]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "Ireland"),
        ("version", "1.36.1"),
        ("version", "latest"),
        ("version", "1.30"),
        ("subnet_ids", None),
        ("subnet_ids", ["subnet-1"]),
        ("node_groups", {}),
        ("node_groups", {"General": NodeGroup()}),
        ("node_groups", {"general": None}),
        ("public_cidrs", ("0.0.0.0/0",)),
        ("public_cidrs", ("192.0.2.1/24",)),
        ("public_cidrs", "192.0.2.0/24"),
        ("service_cidr", "172.20.0.0/11"),
        ("service_cidr", "8.8.0.0/16"),
        ("log_retention_days", 0),
        ("addons", {"vpc-cni": "latest"}),
        ("addons", {"helm": "v1.0.0-eksbuild.1"}),
        ("deletion_protection", "yes"),
        ("admissions", {"developers": "arn:developers"}),
        ("admissions", {"Developers": None}),
    ],
)
def test_a_bad_value_is_named(field: str, value: object) -> None:
    given_args = {
        "context": examples.context(),
        "region": "eu-west-1",
        "subnet_ids": ["a", "b"],
        field: value,
    }
    with pytest.raises(InvalidArgument, match=rf"^{field}(\[.*\])? is ") as problem:
        ClusterArgs(**given_args)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("instance_types", ()),
        ("instance_types", ("large",)),
        ("instance_types", ("m7g.large", "m7i.large")),
        ("minimum", -1),
        ("maximum", 2),
        ("maximum", 0),
        ("desired", 10),
        ("desired", 2),
        ("disk", 19),
        ("disk", True),
        ("spot", 2),
        ("labels", {"a b": "c"}),
        ("labels", {"a": "b" * 64}),
        ("taints", ("spot",)),
    ],
)
def test_a_bad_node_group_is_named(field: str, value: Any) -> None:
    with pytest.raises(InvalidArgument, match=rf"^{field}(\[.*\])? is "):
        NodeGroup(**{field: value})


@given(st.sampled_from([field.name for field in fields(NodeGroup)]), anything)
def test_whatever_is_given_to_a_node_group_it_is_taken_or_named(field: str, value: Any) -> None:
    try:
        NodeGroup(**{field: value})
    except InvalidArgument as problem:
        assert "\n" not in str(problem)


HOSTILE = sorted(
    {field.name for field in fields(ClusterArgs)} - {"context", "subnet_ids", "kms_key_arn", "existing"}
)


@given(st.sampled_from(HOSTILE), anything)
def test_whatever_is_given_to_a_cluster_it_is_taken_or_named(field: str, value: Any) -> None:
    good: dict[str, Any] = {"context": examples.context(), "region": "eu-west-1", "subnet_ids": ["a", "b"]}
    try:
        ClusterArgs(**{**good, field: value})
    except InvalidArgument as problem:
        assert "\n" not in str(problem)


def test_a_taint_is_checked() -> None:
    for bad in ({"key": ""}, {"key": "a", "value": "b c"}, {"key": "a", "effect": "NoSchedule"}):
        with pytest.raises(InvalidArgument):
            Taint(**bad)  # type: ignore[arg-type]
