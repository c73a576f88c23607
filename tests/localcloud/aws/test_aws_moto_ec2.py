"""A VPC that is deleted leaves nothing of itself in moto."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from localcloud.aws import moto_additions


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    moto_additions.install()
    moto_additions.install()  # a second time changes nothing
    with mock_aws():
        yield boto3.client("ec2", region_name="eu-central-1")


def _everything(ec2: Any) -> dict[str, set[str]]:
    return {
        "acls": {each["NetworkAclId"] for each in ec2.describe_network_acls()["NetworkAcls"]},
        "tables": {each["RouteTableId"] for each in ec2.describe_route_tables()["RouteTables"]},
        "groups": {each["GroupId"] for each in ec2.describe_security_groups()["SecurityGroups"]},
    }


def test_the_default_network_acl_goes_with_its_vpc_and_others_stay(ec2: Any):
    kept = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    before = _everything(ec2)
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    assert _everything(ec2)["acls"] > before["acls"]
    ec2.delete_vpc(VpcId=vpc)
    assert _everything(ec2) == before
    assert any(each["VpcId"] == kept for each in ec2.describe_network_acls()["NetworkAcls"])


def test_a_vpc_that_is_not_there_is_still_an_error(ec2: Any):
    with pytest.raises(ec2.exceptions.ClientError, match=r"InvalidVpcID\.NotFound"):
        ec2.delete_vpc(VpcId="vpc-0123")
