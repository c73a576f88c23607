"""A bucket policy's statement counts when its condition holds, and only then."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from moto import mock_aws

from localcloud.aws import moto_additions
from localcloud.aws.moto_additions.s3 import applies


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": False}}, False),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], expected: bool) -> None:
    assert applies(condition) is expected


@pytest.mark.parametrize(("secure", "allowed"), [("false", True), ("true", False)])
def test_a_deny_hits_only_what_it_is_about(
    secure: str, allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    moto_additions.install()
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::archive", "arn:aws:s3:::archive/*"],
        "Condition": {"Bool": {"aws:SecureTransport": secure}},
    }
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="archive")
        client.put_bucket_policy(
            Bucket="archive", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
        )
        if allowed:
            client.put_object(Bucket="archive", Key="a", Body=b"")
        else:
            with pytest.raises(client.exceptions.ClientError, match=r"Forbidden|AccessDenied"):
                client.put_object(Bucket="archive", Key="a", Body=b"")
