"""One topology, four profiles: previewed on the real engine, and two environments on one foundation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from environment_cloud import REPO, Cloud, ended
from environment_inventory import Inventory, aws

pytestmark = [pytest.mark.e2e, pytest.mark.enable_socket, pytest.mark.timeout(1800)]

CONFIG = REPO / "stacks" / "config"
LONG_LIVED = ("production", "staging", "development")
_CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE")


@pytest.fixture(scope="module", autouse=True)
def committed_files() -> Iterator[dict[Path, bytes]]:
    """The engine writes the salt of a stack's secrets into its file; the committed ones stay as they are."""
    kept = {path: path.read_bytes() for path in (CONFIG / f"Pulumi.{name}.yaml" for name in LONG_LIVED)}
    yield kept
    for path, content in kept.items():
        path.write_bytes(content)


@pytest.fixture
def without_credentials(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> None:
    """Plain `pulumi` of this test finds no credentials of AWS, neither in the shell nor in a file."""
    shell = cloud.variables()

    def bare() -> dict[str, str]:
        kept = {name: value for name, value in shell.items() if name not in _CREDENTIALS}
        return {**kept, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

    monkeypatch.setattr(cloud, "variables", bare)


def everything(cloud: Cloud) -> list[Inventory]:
    """All that AWS holds, in the cloud's own region and in that of the long-lived stacks."""
    return [aws(cloud), aws(cloud, "eu-west-1")]


def named(cloud: Cloud) -> list[str]:
    """Names of what there is in the region of the long-lived stacks, and of what has none."""
    sqs, rds, secrets = (cloud.client(one, "eu-west-1") for one in ("sqs", "rds", "secretsmanager"))
    return [
        *sqs.list_queues().get("QueueUrls", ()),
        *(each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]),
        *(each["Name"].replace("/", "-") for each in secrets.list_secrets()["SecretList"]),
        *(each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"]),
        *(each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]),
    ]


def namespaces(cloud: Cloud) -> set[str]:
    from kubernetes import client, config

    config.load_kube_config(cloud.description()["kubeconfig"])
    listed: Any = client.CoreV1Api().list_namespace()
    return {each.metadata.name for each in listed.items}


@pytest.mark.usefixtures("images", "without_credentials")
@pytest.mark.parametrize(
    ("profile", "least"), [("production", 90), ("staging", 80), ("development", 70), ("preview", 70)]
)
def test_a_profile_is_previewed_without_credentials_and_touches_nothing(
    cloud: Cloud, new_name: Callable[[str], str], profile: str, least: int
):
    stack = new_name("look") if profile == "preview" else profile
    cloud.pulumi("stack", "init", stack).ok()
    try:
        before, spaces = everything(cloud), namespaces(cloud)
        planned = cloud.pulumi("preview", "--stack", stack, "--json").data()
        assert planned["changeSummary"]["create"] >= least
        assert set(planned["changeSummary"]) == {"create"}
        inputs = [step["newState"].get("inputs", {}) for step in planned["steps"]]
        tags = [one["tags"] for one in inputs if isinstance(one.get("tags"), dict)]
        assert {one["profile"] for one in tags} == {profile}
        assert everything(cloud) == before
        assert namespaces(cloud) == spaces
    finally:
        kept = ["--preserve-config"] if stack in LONG_LIVED else []
        cloud.pulumi("stack", "rm", "--yes", *kept, stack).ok()


@pytest.mark.usefixtures("images")
def test_an_account_that_may_not_be_changed_is_refused(cloud: Cloud, new_name: Callable[[str], str]):
    stack = new_name("account")
    cloud.pulumi("stack", "init", stack).ok()
    cloud.configure(stack, accountIds='["999999999999"]')
    refused = cloud.pulumi("preview", "--stack", stack)
    assert refused.code != 0
    assert "123456789012 is not among" in refused.out + refused.err
    cloud.configure(stack, accountIds='["123456789012"]')
    cloud.pulumi("preview", "--stack", stack).ok()
    cloud.pulumi("stack", "rm", "--yes", stack).ok()


def test_a_wrong_setting_is_told_before_anything_is_started(cloud: Cloud, new_name: Callable[[str], str]):
    name = new_name("wrong")
    path = _file(name, foundation=name)
    refused = ended(cloud.start("up", name))
    path.unlink()
    assert refused.code == 2
    assert "understudy:foundation" in refused.err
    assert refused.err.count("\n") == 1
    assert "can't stand on itself" in refused.err


def _properties(cloud: Cloud, stack: str) -> dict[str, Any]:
    return {each["urn"]: each.get("outputs") for each in cloud.state(stack)["resources"]}


def _file(stack: str, **values: str) -> Path:
    path = CONFIG / f"Pulumi.{stack}.yaml"
    lines = [f"  understudy:{key}: {value}" for key, value in values.items()]
    path.write_text("\n".join(["config:", "  aws:region: eu-west-1", *lines, ""]))
    return path


def test_two_previews_on_one_foundation_do_not_notice_each_other(
    cloud: Cloud, new_name: Callable[[str], str], committed_files: dict[Path, bytes]
):
    spaces, file = namespaces(cloud), CONFIG / "Pulumi.development.yaml"
    ground = cloud.up("development")
    assert ground["profile"] == "development"
    assert ground["smoke"]["order"]

    stays, goes = new_name("stays"), new_name("goes")
    for name in (stays, goes):
        _file(name, foundation="development", commit="0f3c2a", owner="payments")
        summary = cloud.up(name)
        assert summary["smoke"]["order"]
        assert summary["profile"] == "preview"
    shared = cloud.outputs("development")["foundation"]
    assert cloud.outputs(stays)["foundation"] == cloud.outputs(goes)["foundation"] == shared
    for name in (stays, goes):
        assert not [each for each in cloud.state(name)["resources"] if each["type"] == "aws:ec2/vpc:Vpc"]

    before, names = _properties(cloud, stays), [name for name in named(cloud) if stays in name]
    assert names
    cloud.understudy("down", goes).ok()
    assert _properties(cloud, stays) == before
    assert [name for name in named(cloud) if stays in name] == names
    cloud.pulumi("preview", "--refresh", "--expect-no-changes", "--stack", stays).ok()
    assert cloud.up(stays)["smoke"]["order"]
    assert cloud.traces(goes) == []

    for name in (stays, "development"):
        cloud.understudy("down", name).ok()
    assert file.read_bytes() == committed_files[file]
    assert namespaces(cloud) == spaces
    assert [
        name for name in named(cloud) if any(each in name for each in (stays, goes, "-development-"))
    ] == []
