"""Creating the network, as somebody would write it with boto3."""

from __future__ import annotations

from typing import Any

from benchmarks.direct.base import Clients, Inputs, Outputs, only, tag_list, tag_specifications


def vpc(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_vpc(
        CidrBlock=inputs["cidrBlock"], TagSpecifications=tag_specifications("vpc", inputs)
    )
    identity = answer["Vpc"]["VpcId"]
    for name in ("EnableDnsHostnames", "EnableDnsSupport"):
        aws.ec2.modify_vpc_attribute(VpcId=identity, **{name: {"Value": True}})
    return {"id": identity}


def subnet(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_subnet(
        **only(inputs, "vpcId", "cidrBlock", "availabilityZone"),
        TagSpecifications=tag_specifications("subnet", inputs),
    )
    identity = answer["Subnet"]["SubnetId"]
    if inputs.get("mapPublicIpOnLaunch"):
        aws.ec2.modify_subnet_attribute(SubnetId=identity, MapPublicIpOnLaunch={"Value": True})
    return {"id": identity}


def internet_gateway(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_internet_gateway(TagSpecifications=tag_specifications("internet-gateway", inputs))
    identity = answer["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=identity, VpcId=inputs["vpcId"])
    return {"id": identity}


def eip(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.allocate_address(
        Domain="vpc", TagSpecifications=tag_specifications("elastic-ip", inputs)
    )
    return {"id": answer["AllocationId"]}


def nat_gateway(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_nat_gateway(
        **only(inputs, "allocationId", "subnetId"), TagSpecifications=tag_specifications("natgateway", inputs)
    )
    identity = answer["NatGateway"]["NatGatewayId"]
    aws.ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[identity])
    return {"id": identity}


def route_table(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_route_table(
        VpcId=inputs["vpcId"], TagSpecifications=tag_specifications("route-table", inputs)
    )
    return {"id": answer["RouteTable"]["RouteTableId"]}


def route(aws: Clients, inputs: Inputs) -> Outputs:
    aws.ec2.create_route(**only(inputs, "routeTableId", "destinationCidrBlock", "gatewayId", "natGatewayId"))
    return {}


def route_table_association(aws: Clients, inputs: Inputs) -> Outputs:
    return {"id": aws.ec2.associate_route_table(**only(inputs, "routeTableId", "subnetId"))["AssociationId"]}


def security_group(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_security_group(
        **only(inputs, "description", "vpcId", GroupName="name"),
        TagSpecifications=tag_specifications("security-group", inputs),
    )
    return {"id": answer["GroupId"]}


def security_group_ingress_rule(aws: Clients, inputs: Inputs) -> Outputs:
    described = {"Description": inputs.get("description", "")}
    permission = only(inputs, "ipProtocol", "fromPort", "toPort")
    if inputs.get("referencedSecurityGroupId"):
        pair = {"GroupId": inputs["referencedSecurityGroupId"], **described}
        permission["UserIdGroupPairs"] = [pair]
    else:
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **described}]
    answer = aws.ec2.authorize_security_group_ingress(
        GroupId=inputs["securityGroupId"],
        IpPermissions=[permission],
        TagSpecifications=tag_specifications("security-group-rule", inputs),
    )
    return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}


def security_group_egress_rule(aws: Clients, inputs: Inputs) -> Outputs:
    where: dict[str, Any] = {}
    if inputs.get("referencedSecurityGroupId"):
        where["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"]}]
    else:
        where["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"]}]
    permission = {**only(inputs, "ipProtocol", "fromPort", "toPort"), **where}
    answer = aws.ec2.authorize_security_group_egress(
        GroupId=inputs["securityGroupId"],
        IpPermissions=[permission],
        TagSpecifications=tag_specifications("security-group-rule", inputs),
    )
    return {"id": answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]}


def default_security_group(aws: Clients, inputs: Inputs) -> Outputs:
    filters = [
        {"Name": "vpc-id", "Values": [inputs["vpcId"]]},
        {"Name": "group-name", "Values": ["default"]},
    ]
    group = aws.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
    for revoke, rules in (
        (aws.ec2.revoke_security_group_ingress, group["IpPermissions"]),
        (aws.ec2.revoke_security_group_egress, group["IpPermissionsEgress"]),
    ):
        if rules:
            revoke(GroupId=group["GroupId"], IpPermissions=rules)
    aws.ec2.create_tags(Resources=[group["GroupId"]], Tags=tag_list(inputs))
    return {"id": group["GroupId"]}


def vpc_endpoint(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.ec2.create_vpc_endpoint(
        **only(inputs, "vpcId", "serviceName", "vpcEndpointType", "routeTableIds"),
        TagSpecifications=tag_specifications("vpc-endpoint", inputs),
    )
    return {"id": answer["VpcEndpoint"]["VpcEndpointId"]}
