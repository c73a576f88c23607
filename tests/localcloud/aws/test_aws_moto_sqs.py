"""A queue keeps its policy when another attribute is set."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from localcloud.aws import moto_additions

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Any", "Effect": "Allow", "Principal": "*", "Action": "sqs:*"}],
    }
)


def test_another_attribute_leaves_the_policy_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    moto_additions.install()
    moto_additions.install()  # a second time changes nothing
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-central-1")
        url = sqs.create_queue(QueueName="orders")["QueueUrl"]

        def policy() -> str | None:
            answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            return answer.get("Policy")

        assert policy() is None
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": POLICY})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
        assert json.loads(policy() or "null") == json.loads(POLICY)
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
        assert not policy()
