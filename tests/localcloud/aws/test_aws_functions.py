"""The functions of the AWS package."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.functions.policy import GetPolicyDocument
from localcloud.aws.functions.policy_model import parse, render
from localcloud.aws.functions.region import GetPartition, GetRegion
from localcloud.aws.functions.zones import GetAvailabilityZones
from localcloud.aws.session import AwsSession
from localcloud.aws.settings import Settings
from localcloud.fields import parse_fields
from localcloud.resource import LocalError


def session(region: str = "eu-central-1") -> AwsSession:
    made = AwsSession()
    made._settings = Settings(region=region)
    return made


def policy(**arguments: Any) -> dict[str, Any]:
    function = GetPolicyDocument(session())
    failures: list[tuple[str, str]] = []
    checked = parse_fields(function.inputs, arguments, failures)
    assert not failures, failures
    return function.call(checked)


def document(**arguments: Any) -> dict[str, Any]:
    result = policy(**arguments)
    assert json.loads(result["json"]) == json.loads(result["minifiedJson"])
    return json.loads(result["json"])


def test_a_document_as_the_official_provider_writes_it() -> None:
    result = policy(
        policyId="mine",
        statements=[
            {
                "sid": "Read",
                "actions": ["s3:GetObject", "s3:ListBucket"],
                "resources": ["arn:aws:s3:::b/&{aws:username}/*"],
                "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::1:root"]}],
                "conditions": [
                    {"test": "StringLike", "variable": "s3:prefix", "values": ["a<b", "c"]},
                    {"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]},
                ],
            },
        ],
    )
    assert (
        result["json"]
        == """{
  "Version": "2012-10-17",
  "Id": "mine",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "s3:ListBucket",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::b/${aws:username}/*",
      "Principal": {
        "AWS": "arn:aws:iam::1:root"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringLike": {
          "s3:prefix": [
            "a\\u003cb",
            "c"
          ]
        }
      }
    }
  ]
}"""
    )
    assert result["minifiedJson"].startswith(
        '{"Version":"2012-10-17","Id":"mine","Statement":[{"Sid":"Read",'
    )
    assert result["id"].isdigit()


def test_no_statements() -> None:
    assert document() == {"Version": "2012-10-17"}


def test_everyone() -> None:
    everyone = document(statements=[{"principals": [{"type": "*", "identifiers": ["*"]}]}])
    assert everyone["Statement"][0]["Principal"] == "*"
    every_aws = document(statements=[{"principals": [{"type": "AWS", "identifiers": ["*"]}]}])
    assert every_aws["Statement"][0]["Principal"] == {"AWS": "*"}


def test_principals_of_one_type_are_put_together() -> None:
    found = document(
        statements=[
            {
                "notPrincipals": [
                    {"type": "Service", "identifiers": ["b", "a"]},
                    {"type": "AWS", "identifiers": ["1"]},
                    {"type": "Service", "identifiers": ["c"]},
                ]
            }
        ]
    )
    assert found["Statement"][0]["NotPrincipal"] == {"AWS": "1", "Service": ["b", "a", "c"]}


def test_sources_come_first_and_sids_replace() -> None:
    source = json.dumps(
        {
            "Version": "2008-10-17",
            "Statement": [
                {"Sid": "A", "Effect": "Allow", "Action": "old"},
                {"Effect": "Deny", "Action": ["x"], "Principal": {"AWS": ["2", "3"]}},
            ],
        }
    )
    override = json.dumps({"Id": "last", "Statement": [{"Sid": "B", "Effect": "Deny", "Action": "new"}]})
    found = document(
        sourcePolicyDocuments=[source],
        overridePolicyDocuments=[override],
        statements=[{"sid": "A", "actions": ["mine"]}, {"sid": "B", "actions": ["mine"]}],
    )
    assert found == {
        "Version": "2012-10-17",
        "Id": "last",
        "Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": "mine"},
            {"Effect": "Deny", "Action": ["x"], "Principal": {"AWS": ["3", "2"]}},
            {"Sid": "B", "Effect": "Deny", "Action": "new"},
        ],
    }


def test_the_older_version_stays_if_asked_for() -> None:
    assert document(version="2008-10-17")["Version"] == "2008-10-17"
    with pytest.raises(LocalError, match="is not supported by policy version 2008-10-17"):
        policy(version="2008-10-17", statements=[{"resources": ["&{aws:username}"]}])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"statements": [{"sid": "A"}, {"sid": "A"}]}, "statements: the Sid A"),
        (
            {"sourcePolicyDocuments": ['{"Statement": [{"Sid": "A"}]}', '{"Statement": [{"Sid": "A"}]}']},
            r"sourcePolicyDocuments\[1\]: the Sid A",
        ),
        ({"sourcePolicyDocuments": ["[]"]}, r"sourcePolicyDocuments\[0\]: must be a policy document"),
        (
            {"overridePolicyDocuments": ['{"Statement": [{"Principal": {"AWS": [1]}}]}']},
            r"overridePolicyDocuments\[0\].Statement\[0\].Principal.AWS: must be a string",
        ),
    ],
)
def test_a_wrong_document_is_named(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(LocalError, match=named):
        policy(**arguments)


texts = st.text(st.characters(codec="utf-8"), max_size=8)
some = st.one_of(texts, st.lists(texts, min_size=2, max_size=3, unique=True))


@given(
    statements=st.lists(
        st.fixed_dictionaries(
            {"Effect": st.sampled_from(["Allow", "Deny"]), "Action": some},
            optional={
                "Resource": some,
                "Condition": st.dictionaries(texts, st.dictionaries(texts, some, min_size=1), min_size=1),
            },
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_is_written_is_what_was_read(statements: list[dict[str, Any]]) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    for indent in (True, False):
        assert json.loads(render(parse(text, "x"), indent=indent)) == json.loads(text)


def test_regions() -> None:
    assert GetRegion(session()).call({}) == {
        "description": "Europe (Frankfurt)",
        "endpoint": "ec2.eu-central-1.amazonaws.com",
        "id": "eu-central-1",
        "name": "eu-central-1",
        "region": "eu-central-1",
    }
    assert GetRegion(session()).call({"name": "us-east-1"})["region"] == "us-east-1"
    by_endpoint = GetRegion(session()).call({"endpoint": "ec2.cn-north-1.amazonaws.com.cn"})
    assert by_endpoint["region"] == "cn-north-1"
    for wrong in ({"name": "nowhere-1"}, {"endpoint": "ec2.nowhere"}):
        with pytest.raises(LocalError):
            GetRegion(session()).call(wrong)


def test_partitions() -> None:
    assert GetPartition(session()).call({}) == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert GetPartition(session("cn-north-1")).call({})["reverseDnsPrefix"] == "cn.com.amazonaws"


class Zones:
    """A client that knows three zones."""

    asked: dict[str, Any]

    def describe_availability_zones(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {
            "AvailabilityZones": [
                {"ZoneName": f"eu-central-1{letter}", "ZoneId": f"euc1-az{number}", "GroupName": "g"}
                for number, letter in enumerate("cab")
            ]
        }


def test_zones_come_in_order() -> None:
    made, zones = session(), Zones()
    made._clients["ec2", "eu-central-1"] = zones
    found = GetAvailabilityZones(made).call({"state": "available", "excludeZoneIds": ["euc1-az0"]})
    assert found["names"] == ["eu-central-1a", "eu-central-1b"]
    assert found["zoneIds"] == ["euc1-az1", "euc1-az2"]
    assert found["groupNames"] == ["g"]
    assert zones.asked == {"Filters": [{"Name": "state", "Values": ["available"]}]}
