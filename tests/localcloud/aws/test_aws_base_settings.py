"""The provider's settings, as the engine hands them over, and the endpoints that follow from them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud import wire
from localcloud.aws.endpoints import endpoint_of, merge
from localcloud.aws.package import package
from localcloud.aws.settings import SETTINGS, read_settings
from localcloud.fields import parse_fields
from localcloud.provider import Provider
from localcloud.resource import LocalError

HERE = "http://127.0.0.1:4566"


def failures_of(**settings: Any) -> dict[str, str]:
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in settings.items()}
    answer = Provider(package()).CheckConfig(provider_pb2.CheckRequest(news=wire.encode(texts)), None)
    return {failure.property: failure.reason for failure in answer.failures}


def parsed(**settings: Any) -> dict[str, Any]:
    failures: list[tuple[str, str]] = []
    found = parse_fields(SETTINGS, settings, failures)
    assert not failures
    return found


def test_known_settings_are_taken_as_text() -> None:
    assert (
        failures_of(
            region="eu-central-1",
            endpoints=[{"s3": HERE, "sqs": HERE}],
            defaultTags={"tags": {"team": "core"}},
            ignoreTags={"keys": ["a"], "keyPrefixes": ["b"]},
            skipCredentialsValidation="true",
            skipMetadataApiCheck=True,
            skipRequestingAccountId="false",
            skipRegionValidation=True,
            s3UsePathStyle="true",
            maxRetries="3",
            accessKey="test",
            secretKey="test",
            token="test",
            profile="someone",
        )
        == {}
    )


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("assumeRoles", [{"roleArn": "x"}], "assumeRoles"),
        ("httpProxy", "http://proxy", "httpProxy"),
        ("useFipsEndpoint", "true", "useFipsEndpoint"),
        ("endpoints", [{"s4": HERE}], "endpoints[0].s4"),
        ("defaultTags", {"tag": {}}, "defaultTags.tag"),
        ("maxRetries", "many", "maxRetries"),
        ("skipMetadataApiCheck", "perhaps", "skipMetadataApiCheck"),
        ("allowedAccountIds", ["12"], "allowedAccountIds[0]"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: Any, named: str) -> None:
    assert named in failures_of(**{name: value})


def test_allowed_and_forbidden_accounts_exclude_each_other() -> None:
    account = ["123456789012"]
    assert failures_of(allowedAccountIds=account, forbiddenAccountIds=account)


def test_region_comes_from_the_setting_then_the_environment() -> None:
    environment = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}
    assert read_settings(parsed(region="eu-central-1"), environment).region == "eu-central-1"
    assert read_settings({}, environment).region == "eu-west-1"
    assert read_settings({}, {"AWS_DEFAULT_REGION": "us-east-1"}).region == "us-east-1"
    with pytest.raises(LocalError, match="aws:region is not set"):
        read_settings({}, {})


def test_tag_rules_are_read() -> None:
    rules = read_settings(
        parsed(
            region="eu-central-1",
            defaultTags={"tags": {"team": "core"}},
            ignoreTags={"keys": ["owner"], "keyPrefixes": ["cost:"]},
        ),
        {},
    ).tag_rules
    assert rules.wanted({"owner": "x", "cost:a": "y"}) == {"team": "core"}


def test_credentials_do_not_show() -> None:
    settings = read_settings(
        parsed(region="r", accessKey="CANARY1", secretKey="CANARY2", token="CANARY3"), {}
    )
    assert "CANARY" not in repr(settings)
    assert (settings.access_key, settings.secret_key, settings.token) == ("CANARY1", "CANARY2", "CANARY3")


def test_an_endpoint_is_the_setting_then_the_services_variable_then_the_common_one() -> None:
    environment = {
        "AWS_ENDPOINT_URL": "http://common",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": "http://secrets",
        "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": "http://logs",
    }
    assert endpoint_of("secretsmanager", {"secretsmanager": HERE}, environment) == HERE
    assert endpoint_of("secretsmanager", {}, environment) == "http://secrets"
    assert endpoint_of("logs", {}, environment) == "http://logs"
    assert endpoint_of("logs", {"cloudwatchlogs": HERE}, environment) == HERE
    assert endpoint_of("sqs", {"s3": HERE}, environment) == "http://common"
    assert endpoint_of("sqs", {}, {}) is None


def test_blocks_of_endpoints_are_merged() -> None:
    assert merge([{"s3": "a", "sqs": ""}, {"sns": "b"}]) == {"s3": "a", "sns": "b"}
