"""Lifecycle cases of the EC2 types that let traffic through, record it, or start machines."""

from __future__ import annotations

from ec2_things import (
    GROUP,
    INGRESS,
    flow_log,
    group,
    named,
    own_vpc,
    retagged,
    rule,
    rule_behind,
    subnet,
    table,
    tag_behind,
    vpc,
)
from lifecycle import Case

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
