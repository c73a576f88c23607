"""The AWS calls that create each resource of the blueprint, as somebody would write them with boto3.

Each function takes the clients and a resource's inputs as the state has them, makes the create calls and no
others, and returns the outputs that other resources refer to. What stands behind RDS and ElastiCache, a real
server, is started as well: an environment without it is not up.
"""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.direct import network, services, storage
from benchmarks.direct.base import Clients, Inputs, Outputs

_ENCRYPTION = "BucketServerSideEncryptionConfiguration"

CREATE: dict[str, Callable[[Clients, Inputs], Outputs]] = {
    "aws:cloudwatch/logGroup:LogGroup": services.log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": services.metric_alarm,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": network.default_security_group,
    "aws:ec2/eip:Eip": network.eip,
    "aws:ec2/internetGateway:InternetGateway": network.internet_gateway,
    "aws:ec2/natGateway:NatGateway": network.nat_gateway,
    "aws:ec2/route:Route": network.route,
    "aws:ec2/routeTable:RouteTable": network.route_table,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": network.route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": network.security_group,
    "aws:ec2/subnet:Subnet": network.subnet,
    "aws:ec2/vpc:Vpc": network.vpc,
    "aws:ec2/vpcEndpoint:VpcEndpoint": network.vpc_endpoint,
    "aws:elasticache/parameterGroup:ParameterGroup": storage.cache_parameter_group,
    "aws:elasticache/replicationGroup:ReplicationGroup": storage.replication_group,
    "aws:elasticache/subnetGroup:SubnetGroup": storage.cache_subnet_group,
    "aws:iam/role:Role": services.role,
    "aws:iam/rolePolicy:RolePolicy": services.role_policy,
    "aws:lambda/function:Function": services.function,
    "aws:lambda/permission:Permission": services.permission,
    "aws:rds/instance:Instance": storage.rds_instance,
    "aws:rds/parameterGroup:ParameterGroup": storage.rds_parameter_group,
    "aws:rds/subnetGroup:SubnetGroup": storage.rds_subnet_group,
    "aws:s3/bucket:Bucket": storage.bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": storage.bucket_lifecycle,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": storage.bucket_ownership,
    "aws:s3/bucketPolicy:BucketPolicy": storage.bucket_policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": storage.bucket_public_access_block,
    f"aws:s3/{_ENCRYPTION[0].lower()}{_ENCRYPTION[1:]}:{_ENCRYPTION}": storage.bucket_encryption,
    "aws:s3/bucketVersioning:BucketVersioning": storage.bucket_versioning,
    "aws:secretsmanager/secret:Secret": services.secret,
    "aws:secretsmanager/secretPolicy:SecretPolicy": services.secret_policy,
    "aws:secretsmanager/secretRotation:SecretRotation": services.rotation,
    "aws:secretsmanager/secretVersion:SecretVersion": services.secret_version,
    "aws:sns/topic:Topic": services.topic,
    "aws:sqs/queue:Queue": services.queue,
    "aws:sqs/queuePolicy:QueuePolicy": services.queue_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": services.redrive_allow_policy,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": network.security_group_egress_rule,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": network.security_group_ingress_rule,
}
"""Tokens and what creates them. A type of the blueprint that is missing here fails the benchmark by name."""
