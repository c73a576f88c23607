"""Lifecycle cases of the EC2 types that make a network."""

from __future__ import annotations

from ec2_things import (
    EIP,
    GATEWAY,
    SUBNET,
    TABLE,
    VPC,
    gateway,
    inline_routes,
    named,
    numbers,
    own_vpc,
    retagged,
    subnet,
    subnet_inputs,
    table,
    tag_behind,
    vpc,
)
from lifecycle import Case

CASES = [
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
                    "cidrBlock": f"10.42.{next(numbers)}.0/25",
                    "tags": {"Name": w.unique("associated")},
                },
            )[0],
        },
        # Another route table gives it another id: test_aws_ec2_routing.py covers that and its drift.
        replace=lambda w, i: {**i, "subnetId": subnet(w, 252)},
        import_id=lambda id, s: f"{s['subnetId']}/{s['routeTableId']}",
        bad=[({"subnetId": None}, "subnetId"), ({"gatewayId": "igw-1"}, "gatewayId")],
    ),
]
