"""What the life cycle cases of the EC2 types are made with."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Inputs, World

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
TABLE = "aws:ec2/routeTable:RouteTable"
GROUP = "aws:ec2/securityGroup:SecurityGroup"


def named(world: World, prefix: str = "thing") -> Inputs:
    """Tags that tell one thing from all others."""
    return {"Name": world.unique(prefix), "environment": "test"}


def vpc(world: World) -> str:
    return world.make(VPC, {"cidrBlock": "10.42.0.0/16", "tags": {"Name": "shared"}})[0]


def subnet(world: World, number: int = 1) -> str:
    inputs = {"vpcId": vpc(world), "cidrBlock": f"10.42.{number}.0/24", "tags": {"Name": f"shared-{number}"}}
    return world.make(SUBNET, inputs)[0]


def gateway(world: World, name: str = "shared") -> str:
    return world.make(GATEWAY, {"tags": {"Name": name}})[0]


def table(world: World, name: str = "shared") -> str:
    return world.make(TABLE, {"vpcId": vpc(world), "tags": {"Name": name}})[0]


def group(world: World, name: str = "shared") -> str:
    return world.make(GROUP, {"vpcId": vpc(world), "name": name})[0]


def tag_behind(world: World, id: str, state: Inputs) -> None:
    world.client("ec2").create_tags(Resources=[id], Tags=[{"Key": "by-hand", "Value": "yes"}])


def retagged(world: World, inputs: Inputs) -> Inputs:
    tags = {key: value for key, value in inputs["tags"].items() if key != "environment"}
    return {**inputs, "tags": {**tags, "owner": "team"}}


numbers = iter(range(1, 250))


def subnet_inputs(world: World) -> Inputs:
    return {
        "vpcId": vpc(world),
        "cidrBlock": f"10.42.{next(numbers)}.128/25",
        "availabilityZone": f"{world.region}b",
        "mapPublicIpOnLaunch": True,
        "tags": named(world, "subnet"),
    }


def rule(world: World, port: int, **more: Any) -> Inputs:
    return {
        "securityGroupId": group(world, world.unique("rules")),
        "ipProtocol": "tcp",
        "fromPort": port,
        "toPort": port,
        "tags": named(world, "rule"),
        **more,
    }


def rule_behind(world: World, id: str, state: Inputs) -> None:
    world.client("ec2").modify_security_group_rules(
        GroupId=state["securityGroupId"],
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": id,
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 1,
                    "ToPort": state["toPort"],
                    "CidrIpv4": state["cidrIpv4"],
                },
            }
        ],
    )


def inline_routes(world: World) -> list[Inputs]:
    return [{"cidrBlock": "0.0.0.0/0", "gatewayId": gateway(world)}]


def own_vpc(world: World) -> str:
    """A VPC that nothing else uses."""
    return world.make(VPC, {"cidrBlock": "10.11.0.0/16", "tags": {"Name": world.unique("own")}})[0]


def flow_log(world: World) -> Inputs:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = world.make("aws:iam/role:Role", {"name": "flow-logs", "assumeRolePolicy": policy})[1]
    group = world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/flow-logs"})[1]
    return {
        "vpcId": own_vpc(world),
        "trafficType": "ALL",
        "iamRoleArn": role["arn"],
        "logDestination": group["arn"],
        "maxAggregationInterval": 60,
        "tags": named(world, "flow-log"),
    }


INGRESS = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.0.0.0/8"]}
