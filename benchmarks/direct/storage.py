"""Creating buckets, databases and caches; the servers behind RDS and ElastiCache are started as well."""

from __future__ import annotations

from benchmarks.direct.base import Clients, Inputs, Outputs, only, pascal, tag_list
from localcloud.dataplane import CacheSpec, DatabaseSpec, open_dataplane


def bucket(aws: Clients, inputs: Inputs) -> Outputs:
    name = inputs["bucket"]
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.region})
    aws.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(inputs)})
    return {}


def bucket_public_access_block(aws: Clients, inputs: Inputs) -> Outputs:
    wanted = only(inputs, "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    aws.s3.put_public_access_block(Bucket=inputs["bucket"], PublicAccessBlockConfiguration=wanted)
    return {}


def bucket_ownership(aws: Clients, inputs: Inputs) -> Outputs:
    rule = {"ObjectOwnership": inputs["rule"]["objectOwnership"]}
    aws.s3.put_bucket_ownership_controls(Bucket=inputs["bucket"], OwnershipControls={"Rules": [rule]})
    return {}


def bucket_encryption(aws: Clients, inputs: Inputs) -> Outputs:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": only(
                rule["applyServerSideEncryptionByDefault"],
                SSEAlgorithm="sseAlgorithm",
                KMSMasterKeyID="kmsMasterKeyId",
            ),
            "BucketKeyEnabled": bool(rule.get("bucketKeyEnabled")),
        }
        for rule in inputs["rules"]
    ]
    aws.s3.put_bucket_encryption(Bucket=inputs["bucket"], ServerSideEncryptionConfiguration={"Rules": rules})
    return {}


def bucket_versioning(aws: Clients, inputs: Inputs) -> Outputs:
    aws.s3.put_bucket_versioning(
        Bucket=inputs["bucket"], VersioningConfiguration=pascal(inputs["versioningConfiguration"])
    )
    return {}


def bucket_lifecycle(aws: Clients, inputs: Inputs) -> Outputs:
    rules = []
    for rule in inputs["rules"]:
        names = pascal({key: value for key, value in rule.items() if key != "id"})
        rules.append({"ID": rule["id"], **names})
    aws.s3.put_bucket_lifecycle_configuration(
        Bucket=inputs["bucket"], LifecycleConfiguration={"Rules": rules}
    )
    return {}


def bucket_policy(aws: Clients, inputs: Inputs) -> Outputs:
    aws.s3.put_bucket_policy(Bucket=inputs["bucket"], Policy=inputs["policy"])
    return {}


def rds_subnet_group(aws: Clients, inputs: Inputs) -> Outputs:
    aws.rds.create_db_subnet_group(
        DBSubnetGroupName=inputs["name"],
        DBSubnetGroupDescription=inputs["description"],
        SubnetIds=inputs["subnetIds"],
        Tags=tag_list(inputs),
    )
    return {}


def rds_parameter_group(aws: Clients, inputs: Inputs) -> Outputs:
    name = inputs["name"]
    aws.rds.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily=inputs["family"],
        Description=inputs["description"],
        Tags=tag_list(inputs),
    )
    parameters = [
        {"ParameterName": each["name"], "ParameterValue": each["value"], "ApplyMethod": each["applyMethod"]}
        for each in inputs.get("parameters") or []
    ]
    aws.rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=parameters)
    return {}


def rds_instance(aws: Clients, inputs: Inputs) -> Outputs:
    name = inputs["identifier"]
    aws.rds.create_db_instance(
        **only(
            inputs,
            "allocatedStorage",
            "autoMinorVersionUpgrade",
            "backupRetentionPeriod",
            "copyTagsToSnapshot",
            "deletionProtection",
            "engine",
            "engineVersion",
            "storageEncrypted",
            "storageType",
            DBInstanceIdentifier="identifier",
            DBInstanceClass="instanceClass",
            DBName="dbName",
            DBSubnetGroupName="dbSubnetGroupName",
            DBParameterGroupName="parameterGroupName",
            MasterUsername="username",
            MasterUserPassword="password",
            VpcSecurityGroupIds="vpcSecurityGroupIds",
        ),
        Tags=tag_list(inputs),
    )
    group = inputs.get("parameterGroupName")
    parameters = aws.rds.describe_db_parameters(DBParameterGroupName=group)["Parameters"] if group else []
    endpoint = open_dataplane().databases.create(
        DatabaseSpec(
            identifier=name,
            major_version=int(str(inputs["engineVersion"]).split(".")[0]),
            master_username=inputs["username"],
            password=inputs["password"],
            db_name=inputs.get("dbName"),
            parameters={each["ParameterName"]: each["ParameterValue"] for each in parameters},
        )
    )
    aws.rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=name)
    return {"port": endpoint.port, "address": endpoint.address}


def cache_subnet_group(aws: Clients, inputs: Inputs) -> Outputs:
    aws.elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=inputs["name"],
        CacheSubnetGroupDescription=inputs["description"],
        SubnetIds=inputs["subnetIds"],
        Tags=tag_list(inputs),
    )
    return {}


def cache_parameter_group(aws: Clients, inputs: Inputs) -> Outputs:
    name = inputs["name"]
    aws.elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name,
        CacheParameterGroupFamily=inputs["family"],
        Description=inputs["description"],
        Tags=tag_list(inputs),
    )
    wanted = [
        {"ParameterName": each["name"], "ParameterValue": each["value"]} for each in inputs["parameters"]
    ]
    aws.elasticache.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=wanted)
    return {}


def replication_group(aws: Clients, inputs: Inputs) -> Outputs:
    name = inputs["replicationGroupId"]
    aws.elasticache.create_replication_group(
        **only(
            inputs,
            "replicationGroupId",
            "atRestEncryptionEnabled",
            "authToken",
            "automaticFailoverEnabled",
            "engine",
            "engineVersion",
            "numCacheClusters",
            "transitEncryptionEnabled",
            "transitEncryptionMode",
            "securityGroupIds",
            CacheNodeType="nodeType",
            CacheParameterGroupName="parameterGroupName",
            CacheSubnetGroupName="subnetGroupName",
            MultiAZEnabled="multiAzEnabled",
            ReplicationGroupDescription="description",
        ),
        Tags=tag_list(inputs),
    )
    endpoint = open_dataplane().caches.create(
        CacheSpec(
            identifier=name,
            engine_version=inputs["engineVersion"],
            auth_token=inputs.get("authToken"),
            tls=bool(inputs.get("transitEncryptionEnabled"))
            and inputs.get("transitEncryptionMode") == "required",
            parameters={},
            memory_mib=None,
        )
    )
    return {"port": endpoint.port, "primaryEndpointAddress": endpoint.address}
