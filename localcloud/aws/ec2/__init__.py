"""Local types of EC2 and VPC: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (
        "localcloud.aws.ec2.default_security_group:DefaultSecurityGroup"
    ),
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": (
        "localcloud.aws.ec2.egress_only_internet_gateway:EgressOnlyInternetGateway"
    ),
    "aws:ec2/eip:Eip": "localcloud.aws.ec2.eip:Eip",
    "aws:ec2/flowLog:FlowLog": "localcloud.aws.ec2.flow_log:FlowLog",
    "aws:ec2/internetGateway:InternetGateway": "localcloud.aws.ec2.internet_gateway:InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate": "localcloud.aws.ec2.launch_template:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway": "localcloud.aws.ec2.nat_gateway:NatGateway",
    "aws:ec2/route:Route": "localcloud.aws.ec2.route:Route",
    "aws:ec2/routeTable:RouteTable": "localcloud.aws.ec2.route_table:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": (
        "localcloud.aws.ec2.route_table_association:RouteTableAssociation"
    ),
    "aws:ec2/securityGroup:SecurityGroup": "localcloud.aws.ec2.security_group:SecurityGroup",
    "aws:ec2/subnet:Subnet": "localcloud.aws.ec2.subnet:Subnet",
    "aws:ec2/vpc:Vpc": "localcloud.aws.ec2.vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "localcloud.aws.ec2.vpc_endpoint:VpcEndpoint",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "localcloud.aws.ec2.security_group_rules:SecurityGroupEgressRule"
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "localcloud.aws.ec2.security_group_rules:SecurityGroupIngressRule"
    ),
}
