# pyright: reportMissingImports=false
"""The whole program under mocks, once for each profile."""

import json
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pulumi_mocks import Run, run

from understudy.stack_facts import class_node
from understudy.stack_pages import rows

ROOT = Path(__file__).parent.parent.parent
IMAGES = {name: f"understudy.local/{name}@sha256:{'a' * 64}" for name in ("orders", "pricing")}
STACKS = {
    "production": "production",
    "staging": "staging",
    "development": "development",
    "preview": "feature-x",
}
every = pytest.mark.parametrize("profile", STACKS)


@cache
def environment(profile: str, **config: str) -> Run:
    given = {
        "understudy:images": json.dumps(IMAGES),
        "understudy:owner": "payments",
        "understudy:branch": "feature/x",
        "understudy:commit": "0f3c2a",
        "aws:region": "eu-west-1",
        **{key.replace("__", ":"): value for key, value in config.items()},
    }

    def program() -> None:
        runpy.run_path(str(ROOT / "stacks"), run_name="__main__")

    return run(program, stack_name=STACKS[profile], config=given)


def documented(module: str, name: str) -> set[str]:
    """The fields of a class of the program that have a docstring."""
    return {row.name for row in rows(class_node(module, name)) if row.text}


@every
def test_the_profile_comes_from_the_name(profile: str) -> None:
    assert environment(profile).outputs["profile"] == profile
    assert environment(profile).outputs["environment"] == STACKS[profile]


def test_a_preview_stays_small() -> None:
    """Its time to come up grows with each resource; what only production needs is a profile's choice."""
    assert 70 <= sum(one.custom for one in environment("preview").resources) <= 120


@every
def test_no_resource_is_on_a_default_provider(profile: str) -> None:
    names = {"aws": "aws", "kubernetes": "kubernetes", "random": "random"}
    seen: set[str] = set()
    for one in environment(profile).resources:
        package = one.token.split(":")[0]
        if one.custom and package != "pulumi":
            assert one.provider is not None, one
            assert f"pulumi:providers:{package}::{names[package]}::" in one.provider, one
            seen.add(package)
    assert seen == set(names)


@every
def test_the_provider_knows_region_accounts_and_tags(profile: str) -> None:
    accounts = json.dumps(["123456789012"])
    provider = environment(profile, understudy__accountIds=accounts).one("pulumi:providers:aws").inputs
    assert provider["region"] == "eu-west-1"
    assert json.loads(provider["allowedAccountIds"]) == ["123456789012"]
    assert json.loads(provider["defaultTags"])["tags"] == {
        "organisation": "example",
        "project": "understudy",
        "environment": STACKS[profile],
        "profile": profile,
        "managed-by": "understudy",
    }
    assert "allowedAccountIds" not in environment(profile).one("pulumi:providers:aws").inputs


@every
def test_a_commit_changes_nothing_of_a_provider(profile: str) -> None:
    first, second = environment(profile), environment(profile, understudy__commit="1a2b3c")
    for one in first.of(":providers:aws") + first.of(":providers:kubernetes"):
        assert second.one(one.token).inputs == one.inputs


@every
def test_the_outputs_are_the_documented_ones(profile: str) -> None:
    outputs = environment(profile).outputs
    assert set(outputs) == documented("topology", "Environment")
    assert all(value not in (None, "") for value in outputs.values())
    assert outputs["orders_dead_letter_queue_url"].endswith("-dlq")
    assert set(outputs["foundation"]) == documented("foundation", "Foundation")


@every
def test_one_round_trip_for_looking_things_up(profile: str) -> None:
    assert environment(profile).calls == ["aws:index/getCallerIdentity:getCallerIdentity"]


@every
def test_two_runs_say_the_same(profile: str) -> None:
    first = environment(profile)
    environment.cache_clear()
    again = environment(profile)
    key = lambda one: (one.token, one.name)  # noqa: E731
    for one, other in zip(sorted(first.resources, key=key), sorted(again.resources, key=key), strict=True):
        assert (one.token, one.name, one.inputs) == (other.token, other.name, other.inputs)


def config_of(profile: str, service: str) -> dict[str, str]:
    return environment(profile).one("core/v1:ConfigMap", f"{service}-config").inputs["data"]


def test_the_services_are_told_what_they_need() -> None:
    orders = config_of("preview", "orders")
    assert orders["PRICING_ADDRESS"] == "pricing.understudy-feature-x.svc.cluster.local:50051"
    assert orders["ORDERS_QUEUE_URL"] == environment("preview").outputs["orders_queue_url"]
    assert orders["ARCHIVE_BUCKET"] == environment("preview").outputs["archive_bucket"]
    assert {
        "AWS_REGION",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "DATABASE_SECRET_ARN",
        "ENVIRONMENT",
        "HTTP_PORT",
        "ORDERS_DEAD_LETTER_QUEUE_URL",
        "RELEASE",
        "REPLIES_QUEUE_URL",
        "SERVICE_NAME",
        "SHUTDOWN_GRACE_SECONDS",
    } <= set(orders)
    pricing = config_of("preview", "pricing")
    assert pricing["GRPC_PORT"] == "50051"
    assert {"AWS_REGION", "AWS_ROLE_ARN", "CACHE_SECRET_ARN", "HTTP_PORT", "SERVICE_NAME"} <= set(pricing)


@every
def test_no_password_reaches_a_pod(profile: str) -> None:
    for one in environment(profile).resources:
        if one.token.startswith("kubernetes:"):
            assert "correct-horse" not in json.dumps(one.inputs), one


def test_services_may_do_what_they_need_and_no_more() -> None:
    policy = json.loads(environment("preview").one("RolePolicy", "orders-permissions").inputs["policy"])
    statements = {one["Sid"]: one for one in policy["Statement"]}
    assert set(statements) == {
        "ConsumeQueueOrders",
        "RejectToQueueOrders",
        "SendToQueueReplies",
        "WriteBucketArchive",
        "ConnectDatabaseOrders",
    }
    assert "*" not in [arn for one in policy["Statement"] for arn in one["Resource"]]
    production = json.loads(
        environment("production").one("RolePolicy", "orders-permissions").inputs["policy"]
    )
    assert "SendToQueueRepliesKey" in {one["Sid"] for one in production["Statement"]}


@every
def test_people_and_pipeline_have_the_roles_of_the_profile(profile: str) -> None:
    made = environment(profile)
    expected = {"developer", "ci"} | ({"on-call"} if profile in ("production", "staging") else set())
    assert set(made.one("understudy:access:Roles").outputs["roleArns"]) == expected
    rules = made.one("rbac.authorization.k8s.io/v1:Role", "access-developer").inputs["rules"]
    may_change = any(set(rule["verbs"]) - {"get", "list", "watch"} for rule in rules)
    assert may_change == (profile != "production")


def test_the_pipeline_of_a_branch_deploys_to_its_environment_only() -> None:
    pipeline = {"issuer": "token.example.com", "subject": "repo:example/shop:environment:{environment}"}
    made = environment("preview", understudy__pipeline=json.dumps(pipeline))
    trust = json.loads(made.one("iam/role:Role", "access-ci").inputs["assumeRolePolicy"])
    subject = trust["Statement"][0]["Condition"]["StringEquals"]["token.example.com:sub"]
    assert subject == "repo:example/shop:environment:feature-x"


def test_a_preview_leaves_nothing_behind() -> None:
    preview = environment("preview")
    assert not preview.of("kms/key:Key")
    assert preview.one("s3/bucket:Bucket").inputs["forceDestroy"] is True
    database = preview.one("rds/instance:Instance").inputs
    assert (database["skipFinalSnapshot"], database["deletionProtection"]) == (True, False)
    assert database["backupRetentionPeriod"] == 0
    assert {one.inputs["recoveryWindowInDays"] for one in preview.of("secret:Secret")} == {0}
    assert not any(one.protect or one.retain_on_delete for one in preview.resources)


def test_production_can_not_be_lost_by_mistake() -> None:
    production = environment("production")
    database = production.one("rds/instance:Instance")
    assert database.protect and database.inputs["deletionProtection"] is True
    assert database.inputs["multiAz"] is True
    assert database.inputs["finalSnapshotIdentifier"]
    assert production.one("s3/bucket:Bucket").protect
    assert len(production.of("natGateway:NatGateway")) == 3
    assert all(one.inputs["spec"]["replicas"] == 3 for one in production.of("apps/v1:Deployment"))
    assert production.one("elasticache/replicationGroup:ReplicationGroup").inputs["kmsKeyId"]
    key = production.one("kms/key:Key")
    assert key.protect and key.retain_on_delete, "backups are unreadable without the key"


def test_the_endpoint_of_the_configuration_reaches_provider_and_pods() -> None:
    endpoints = json.dumps([{"sqs": "http://10.213.0.1:5000", "s3": "http://10.213.0.1:5000"}])
    one = environment("preview", aws__endpoints=endpoints, aws__s3UsePathStyle="true")
    provider = one.one("pulumi:providers:aws").inputs
    assert json.loads(provider["endpoints"])[0]["sqs"] == "http://10.213.0.1:5000"
    assert provider["s3UsePathStyle"] == "true"
    data = one.one("core/v1:ConfigMap", "orders-config").inputs["data"]
    assert data["AWS_ENDPOINT_URL"] == "http://10.213.0.1:5000"


def test_the_endpoint_of_the_shell_reaches_the_pods_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.213.0.1:5000")
    one = environment("preview", understudy__release="9.9.9")
    assert "endpoints" not in one.one("pulumi:providers:aws").inputs
    data = one.one("core/v1:ConfigMap", "pricing-config").inputs["data"]
    assert data["AWS_ENDPOINT_URL"] == "http://10.213.0.1:5000"
    assert data["RELEASE"] == "9.9.9"


def test_no_secret_in_the_outputs() -> None:
    assert "correct-horse" not in json.dumps(environment("preview").outputs)


def names(run_of: Run) -> set[Any]:
    keys = ("name", "bucket", "identifier", "replicationGroupId")
    return {
        one.inputs[key]
        for one in run_of.resources
        if one.token.startswith("aws:") and one.token != "aws:iam/rolePolicy:RolePolicy"
        for key in keys
        if isinstance(one.inputs.get(key), str)
    }


def test_two_environments_share_no_name() -> None:
    assert not names(environment("preview")) & names(environment("development"))
