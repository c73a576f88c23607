"""Lifecycle cases of the EC2 types."""

from __future__ import annotations

import json
from typing import Any

from lifecycle import Case, Inputs, World

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


_numbers = iter(range(1, 250))


def subnet_inputs(world: World) -> Inputs:
    return {
        "vpcId": vpc(world),
        "cidrBlock": f"10.42.{next(_numbers)}.128/25",
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

CASES = [
    Case(
        token="aws:ec2/launchTemplate:LaunchTemplate",
        create=lambda w: {
            "name": w.unique("template"),
            "description": "nodes",
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"encrypted": "true", "volumeSize": 50, "volumeType": "gp3"},
                }
            ],
            "tagSpecifications": [{"resourceType": "instance", "tags": {"team": "payments"}}],
            "updateDefaultVersion": True,
            "tags": named(w, "template"),
        },
        update=lambda w, i: {
            **retagged(w, i),
            "description": "more nodes",
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"encrypted": "true", "volumeSize": 80, "volumeType": "gp3"},
                }
            ],
        },
        replace=lambda w, i: {**i, "name": w.unique("template")},
        drift=lambda w, id, s: w.client("ec2").create_launch_template_version(
            LaunchTemplateId=id,
            LaunchTemplateData={"MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 2}},
        ),
        drifted="metadataOptions",
        vanish=lambda w, id, s: w.client("ec2").delete_launch_template(LaunchTemplateId=id),
        unread=("updateDefaultVersion",),
        bad=[
            ({"metadataOptions": {"httpTokens": "maybe"}}, "metadataOptions.httpTokens"),
            ({"metadataOptions": {"httpPutResponseHopLimit": 65}}, "metadataOptions.httpPutResponseHopLimit"),
            ({"name": "a b c"}, "name"),
            ({"imageId": "ami-1"}, "imageId"),
        ],
    ),
    Case(
        token="aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
        create=lambda w: {"vpcId": vpc(w), "tags": named(w, "egress")},
        update=retagged,
        replace=lambda w, i: {**i, "vpcId": own_vpc(w)},
        drift=tag_behind,
        drifted="tags",
        vanish=lambda w, id, s: w.client("ec2").delete_egress_only_internet_gateway(
            EgressOnlyInternetGatewayId=id
        ),
        bad=[({"vpcId": None}, "vpcId")],
    ),
    Case(
        token="aws:ec2/route:Route",
        create=lambda w: {
            "routeTableId": table(w, w.unique("ipv6-route")),
            "destinationIpv6CidrBlock": "::/0",
            "egressOnlyGatewayId": w.make(
                "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
                {"vpcId": vpc(w), "tags": {"Name": "shared"}},
            )[0],
        },
        update=lambda w, i: {
            **{key: value for key, value in i.items() if key != "egressOnlyGatewayId"},
            "gatewayId": gateway(w),
        },
        import_id=lambda id, s: f"{s['routeTableId']}_{s['destinationIpv6CidrBlock']}",
        bad=[({"gatewayId": "igw-1"}, "gatewayId")],
    ),
    Case(
        token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        create=lambda w: {"vpcId": own_vpc(w), "ingress": [], "egress": [], "tags": named(w, "default")},
        update=lambda w, i: {**retagged(w, i), "ingress": [INGRESS]},
        replace=lambda w, i: {**i, "vpcId": own_vpc(w)},
        drift=lambda w, id, s: w.client("ec2").authorize_security_group_ingress(
            GroupId=id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        ),
        drifted="ingress",
        vanish=lambda w, id, s: w.client("ec2").delete_vpc(VpcId=s["vpcId"]),
        stays=True,
        bad=[
            ({"vpcId": None}, "vpcId"),
            ({"name": "default"}, "name"),
            ({"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1}]}, "ingress[0]"),
        ],
    ),
    Case(
        token="aws:ec2/flowLog:FlowLog",
        create=flow_log,
        update=retagged,
        replace=lambda w, i: {**i, "trafficType": "REJECT"},
        drift=tag_behind,
        drifted="tags",
        vanish=lambda w, id, s: w.client("ec2").delete_flow_logs(FlowLogIds=[id]),
        bad=[
            ({"iamRoleArn": None}, "iamRoleArn"),
            ({"trafficType": None}, "trafficType"),
            ({"logDestination": "/flow-logs"}, "logDestination"),
            ({"maxAggregationInterval": 61}, "maxAggregationInterval"),
            ({"vpcId": None}, "vpcId"),
            ({"subnetId": "subnet-1"}, "vpcId"),
            ({"logDestinationType": "kinesis-data-firehose"}, "logDestinationType"),
        ],
    ),
    Case(
        token=VPC,
        create=lambda w: {"cidrBlock": "10.7.0.0/16", "enableDnsHostnames": True, "tags": named(w, "vpc")},
        update=lambda w, i: {**retagged(w, i), "enableDnsHostnames": False, "enableDnsSupport": False},
        replace=lambda w, i: {**i, "cidrBlock": "10.8.0.0/16"},
        drift=lambda w, id, s: w.client("ec2").modify_vpc_attribute(
            VpcId=id, EnableDnsSupport={"Value": True}
        ),
        drifted="enableDnsSupport",
        vanish=lambda w, id, s: w.client("ec2").delete_vpc(VpcId=id),
        bad=[
            ({"cidrBlock": "10.7.0.1/16"}, "cidrBlock"),
            ({"cidrBlock": "10.0.0.0/8"}, "cidrBlock"),
            ({"cidrBlock": None}, "cidrBlock"),
            ({"instanceTenancy": "host"}, "instanceTenancy"),
            ({"ipv4IpamPoolId": "pool"}, "ipv4IpamPoolId"),
        ],
    ),
    Case(
        token=SUBNET,
        create=subnet_inputs,
        update=lambda w, i: {
            **retagged(w, i),
            "mapPublicIpOnLaunch": False,
            "enableResourceNameDnsARecordOnLaunch": True,
        },
        replace=lambda w, i: {**i, "availabilityZone": f"{w.region}a"},
        drift=lambda w, id, s: w.client("ec2").modify_subnet_attribute(
            SubnetId=id, MapPublicIpOnLaunch={"Value": True}
        ),
        drifted="mapPublicIpOnLaunch",
        vanish=lambda w, id, s: w.client("ec2").delete_subnet(SubnetId=id),
        bad=[
            ({"cidrBlock": "nonsense"}, "cidrBlock"),
            ({"vpcId": None}, "vpcId"),
            ({"availabilityZoneId": "euc1-az1"}, "availabilityZoneId"),
        ],
    ),
    Case(
        token=GATEWAY,
        create=lambda w: {
            "vpcId": w.make(VPC, {"cidrBlock": "10.9.0.0/16", "tags": {"Name": w.unique("igw-vpc")}})[0],
            "tags": named(w, "igw"),
        },
        update=lambda w, i: {
            **retagged(w, i),
            "vpcId": w.make(VPC, {"cidrBlock": "10.9.0.0/16", "tags": {"Name": w.unique("igw-vpc")}})[0],
        },
        drift=lambda w, id, s: w.client("ec2").detach_internet_gateway(
            InternetGatewayId=id, VpcId=s["vpcId"]
        ),
        drifted="vpcId",
    ),
    Case(
        token=EIP,
        create=lambda w: {"domain": "vpc", "tags": named(w, "eip")},
        update=retagged,
        drift=tag_behind,
        drifted="tags",
        vanish=lambda w, id, s: w.client("ec2").release_address(AllocationId=id),
        bad=[({"domain": "classic"}, "domain"), ({"instance": "i-1"}, "instance")],
    ),
    Case(
        token="aws:ec2/natGateway:NatGateway",
        create=lambda w: {
            "subnetId": subnet(w, 250),
            "allocationId": w.make(EIP, {"domain": "vpc", "tags": {"Name": w.unique("nat")}})[0],
            "tags": named(w, "nat"),
        },
        update=retagged,
        replace=lambda w, i: {**i, "subnetId": subnet(w, 251)},
        drift=tag_behind,
        drifted="tags",
        vanish=lambda w, id, s: w.client("ec2").delete_nat_gateway(NatGatewayId=id),
        bad=[
            ({"connectivityType": "private"}, "allocationId"),
            ({"subnetId": None}, "subnetId"),
            ({"availabilityMode": "regional"}, "availabilityMode"),
        ],
    ),
    Case(
        token=TABLE,
        create=lambda w: {"vpcId": vpc(w), "routes": inline_routes(w), "tags": named(w, "table")},
        update=lambda w, i: {
            **retagged(w, i),
            "routes": [
                {"cidrBlock": "0.0.0.0/0", "gatewayId": gateway(w, "other")},
                {"cidrBlock": "192.168.0.0/16", "gatewayId": gateway(w)},
            ],
        },
        replace=lambda w, i: {
            **i,
            "vpcId": w.make(VPC, {"cidrBlock": "10.10.0.0/16", "tags": {"Name": "elsewhere"}})[0],
        },
        drift=lambda w, id, s: w.client("ec2").delete_route(
            RouteTableId=id, DestinationCidrBlock="0.0.0.0/0"
        ),
        drifted="routes",
        vanish=lambda w, id, s: w.client("ec2").delete_route_table(RouteTableId=id),
        bad=[
            ({"routes": [{"cidrBlock": "0.0.0.0/0"}]}, "routes[0]"),
            ({"routes": [{"cidrBlock": "1.2.3.4/0", "gatewayId": "igw-1"}]}, "routes[0].cidrBlock"),
            ({"propagatingVgws": ["vgw-1"]}, "propagatingVgws"),
        ],
    ),
    Case(
        token="aws:ec2/route:Route",
        create=lambda w: {
            "routeTableId": table(w, w.unique("for-route")),
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": gateway(w),
        },
        update=lambda w, i: {**i, "gatewayId": gateway(w, "other")},
        replace=lambda w, i: {**i, "destinationCidrBlock": "172.16.0.0/12"},
        drift=lambda w, id, s: w.client("ec2").replace_route(
            RouteTableId=s["routeTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway(w, "third")
        ),
        drifted="gatewayId",
        import_id=lambda id, s: f"{s['routeTableId']}_{s['destinationCidrBlock']}",
        bad=[
            ({"natGatewayId": "nat-1"}, "gatewayId"),
            ({"destinationIpv6CidrBlock": "::/0"}, "destinationCidrBlock"),
            ({"destinationCidrBlock": "1.2.3.4/8"}, "destinationCidrBlock"),
        ],
    ),
    Case(
        token="aws:ec2/routeTableAssociation:RouteTableAssociation",
        create=lambda w: {
            "routeTableId": table(w),
            "subnetId": w.make(
                SUBNET,
                {
                    "vpcId": vpc(w),
                    "cidrBlock": f"10.42.{next(_numbers)}.0/25",
                    "tags": {"Name": w.unique("associated")},
                },
            )[0],
        },
        # Another route table gives it another id: test_aws_ec2_routing.py covers that and its drift.
        replace=lambda w, i: {**i, "subnetId": subnet(w, 252)},
        import_id=lambda id, s: f"{s['subnetId']}/{s['routeTableId']}",
        bad=[({"subnetId": None}, "subnetId"), ({"gatewayId": "igw-1"}, "gatewayId")],
    ),
    Case(
        token=GROUP,
        create=lambda w: {
            "name": w.unique("group"),
            "vpcId": vpc(w),
            "ingress": [{**INGRESS, "description": "from within"}],
            "tags": named(w, "group"),
        },
        update=lambda w, i: {
            **retagged(w, i),
            "ingress": [
                INGRESS,
                {"protocol": "udp", "fromPort": 53, "toPort": 54, "self": True},
                {
                    "protocol": "6",
                    "fromPort": 80,
                    "toPort": 80,
                    "securityGroups": [group(w)],
                    "ipv6CidrBlocks": ["2001:db8::/32"],
                },
            ],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
        },
        replace=lambda w, i: {**i, "description": "another"},
        drift=lambda w, id, s: w.client("ec2").authorize_security_group_ingress(
            GroupId=id, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
        ),
        drifted="ingress",
        vanish=lambda w, id, s: w.client("ec2").delete_security_group(GroupId=id),
        unread=("egress",),
        bad=[
            ({"name": "sg-1"}, "name"),
            ({"namePrefix": "x"}, "namePrefix"),
            ({"ingress": [{"protocol": "-1", "fromPort": 1, "toPort": 1}]}, "ingress[0].fromPort"),
            ({"ingress": [{"protocol": "tcp", "fromPort": 1, "toPort": 1}]}, "ingress[0]"),
            ({"ingress": [{"protocol": "tcp", "toPort": 1}]}, "ingress[0].fromPort"),
            ({"ingress": [{**INGRESS, "description": "é"}]}, "ingress[0].description"),
        ],
    ),
    Case(
        token="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        create=lambda w: rule(w, 443, cidrIpv4="10.0.0.0/8", description="from within"),
        update=lambda w, i: {
            **retagged(w, i),
            "toPort": 444,
            "cidrIpv4": "10.0.0.0/9",
            "description": "less",
        },
        replace=lambda w, i: {
            **{key: value for key, value in i.items() if key != "cidrIpv4"},
            "referencedSecurityGroupId": group(w),
        },
        drift=rule_behind,
        drifted="fromPort",
        bad=[
            ({"cidrIpv6": "::/0"}, "cidrIpv4"),
            ({"fromPort": 65536}, "fromPort"),
            ({"ipProtocol": "-1"}, "fromPort"),
            ({"ipProtocol": None}, "ipProtocol"),
        ],
    ),
    Case(
        token="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        create=lambda w: {
            "securityGroupId": group(w, w.unique("egress")),
            "ipProtocol": "-1",
            "cidrIpv4": "0.0.0.0/0",
            "tags": named(w, "rule"),
        },
        update=lambda w, i: {**i, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443},
        replace=lambda w, i: {**i, "securityGroupId": group(w)},
        drift=rule_behind,
        drifted="fromPort",
    ),
    Case(
        token="aws:ec2/vpcEndpoint:VpcEndpoint",
        create=lambda w: {
            "vpcId": vpc(w),
            "serviceName": f"com.amazonaws.{w.region}.sqs",
            "vpcEndpointType": "Interface",
            "privateDnsEnabled": True,
            "subnetIds": [subnet(w, 253)],
            "securityGroupIds": [group(w)],
            "tags": named(w, "interface"),
        },
        update=lambda w, i: {
            **retagged(w, i),
            "subnetIds": [subnet(w, 253), subnet(w, 254)],
            "securityGroupIds": [group(w, "endpoints")],
        },
        replace=lambda w, i: {**i, "privateDnsEnabled": False},
        drift=lambda w, id, s: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=id, RemoveSubnetIds=[subnet(w, 254)]
        ),
        drifted="subnetIds",
        vanish=lambda w, id, s: w.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id]),
        bad=[({"privateDnsEnabled": "maybe"}, "privateDnsEnabled"), ({"subnetIds": "subnet-1"}, "subnetIds")],
    ),
    Case(
        token="aws:ec2/vpcEndpoint:VpcEndpoint",
        create=lambda w: {
            "vpcId": vpc(w),
            "serviceName": f"com.amazonaws.{w.region}.s3",
            "routeTableIds": [table(w, w.unique("endpoint"))],
            "tags": named(w, "endpoint"),
        },
        update=lambda w, i: {
            **retagged(w, i),
            "routeTableIds": [table(w, w.unique("endpoint"))],
            "policy": '{"Version": "2012-10-17", "Statement": []}',
        },
        replace=lambda w, i: {**i, "vpcEndpointType": "Interface"},
        drift=lambda w, id, s: w.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=id, PolicyDocument='{"Version": "2008-10-17", "Statement": []}'
        ),
        drifted="policy",
        vanish=lambda w, id, s: w.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[id]),
        bad=[
            ({"vpcEndpointType": "Resource"}, "vpcEndpointType"),
            ({"policy": "nonsense"}, "policy"),
            ({"serviceName": None}, "serviceName"),
            ({"dnsOptions": {"dnsRecordIpType": "ipv4"}}, "dnsOptions"),
        ],
    ),
]
