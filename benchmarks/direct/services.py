"""Creating queues, topics, secrets, roles, logs and alarms."""

from __future__ import annotations

import io
import zipfile

from benchmarks.direct.base import Clients, Inputs, Outputs, only, pascal, tag_list


def queue(aws: Clients, inputs: Inputs) -> Outputs:
    names = {
        "delaySeconds": "DelaySeconds",
        "maxMessageSize": "MaximumMessageSize",
        "messageRetentionSeconds": "MessageRetentionPeriod",
        "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
        "visibilityTimeoutSeconds": "VisibilityTimeout",
        "redrivePolicy": "RedrivePolicy",
    }
    attributes = {to: str(inputs[name]) for name, to in names.items() if inputs.get(name) is not None}
    answer = aws.sqs.create_queue(
        QueueName=inputs["name"], Attributes=attributes, tags=inputs.get("tags") or {}
    )
    return {"id": answer["QueueUrl"]}


def queue_policy(aws: Clients, inputs: Inputs) -> Outputs:
    aws.sqs.set_queue_attributes(QueueUrl=inputs["queueUrl"], Attributes={"Policy": inputs["policy"]})
    return {}


def redrive_allow_policy(aws: Clients, inputs: Inputs) -> Outputs:
    # moto has no such attribute; what the local plugin does in its place is one call as well.
    aws.sqs.tag_queue(QueueUrl=inputs["queueUrl"], Tags={"redrive": "allowed"})
    return {}


def topic(aws: Clients, inputs: Inputs) -> Outputs:
    return {"id": aws.sns.create_topic(Name=inputs["name"], Tags=tag_list(inputs))["TopicArn"]}


def secret(aws: Clients, inputs: Inputs) -> Outputs:
    answer = aws.secretsmanager.create_secret(
        Name=inputs["name"], Description=inputs.get("description", ""), Tags=tag_list(inputs)
    )
    return {"id": answer["ARN"]}


def secret_version(aws: Clients, inputs: Inputs) -> Outputs:
    aws.secretsmanager.put_secret_value(SecretId=inputs["secretId"], SecretString=inputs["secretString"])
    return {}


def secret_policy(aws: Clients, inputs: Inputs) -> Outputs:
    aws.secretsmanager.put_resource_policy(SecretId=inputs["secretArn"], ResourcePolicy=inputs["policy"])
    return {}


def role(aws: Clients, inputs: Inputs) -> Outputs:
    aws.iam.create_role(
        RoleName=inputs["name"],
        AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
        MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        Tags=tag_list(inputs),
    )
    return {}


def role_policy(aws: Clients, inputs: Inputs) -> Outputs:
    aws.iam.put_role_policy(
        RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
    )
    return {}


def log_group(aws: Clients, inputs: Inputs) -> Outputs:
    aws.logs.create_log_group(logGroupName=inputs["name"], tags=inputs.get("tags") or {})
    aws.logs.put_retention_policy(logGroupName=inputs["name"], retentionInDays=inputs["retentionInDays"])
    return {}


def metric_alarm(aws: Clients, inputs: Inputs) -> Outputs:
    dimensions = [{"Name": name, "Value": value} for name, value in (inputs.get("dimensions") or {}).items()]
    aws.cloudwatch.put_metric_alarm(
        **only(
            inputs,
            "actionsEnabled",
            "alarmActions",
            "alarmDescription",
            "comparisonOperator",
            "evaluationPeriods",
            "metricName",
            "namespace",
            "period",
            "statistic",
            "threshold",
            "treatMissingData",
            AlarmName="name",
        ),
        Dimensions=dimensions,
        Tags=tag_list(inputs),
    )
    return {}


def function(aws: Clients, inputs: Inputs) -> Outputs:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w", zipfile.ZIP_DEFLATED) as out:
        for name, asset in inputs["code"]["assets"].items():
            out.write(asset["path"], name)
    network = inputs.get("vpcConfig") or {}
    answer = getattr(aws, "lambda").create_function(
        FunctionName=inputs["name"],
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": (inputs.get("environment") or {}).get("variables") or {}},
        VpcConfig={
            "SubnetIds": network.get("subnetIds") or [],
            "SecurityGroupIds": network.get("securityGroupIds") or [],
        },
        Tags=inputs.get("tags") or {},
        **only(inputs, "description", "handler", "runtime", "role", "timeout", "architectures", "memorySize"),
    )
    return {"id": answer["FunctionName"], "arn": answer["FunctionArn"]}


def permission(aws: Clients, inputs: Inputs) -> Outputs:
    getattr(aws, "lambda").add_permission(
        FunctionName=inputs["function"],
        StatementId=inputs["statementId"],
        **only(inputs, "action", "principal", "sourceArn", "sourceAccount"),
    )
    return {}


def rotation(aws: Clients, inputs: Inputs) -> Outputs:
    aws.secretsmanager.rotate_secret(
        SecretId=inputs["secretId"],
        RotationLambdaARN=inputs["rotationLambdaArn"],
        RotationRules=pascal(inputs["rotationRules"]),
        RotateImmediately=inputs.get("rotateImmediately", True),
    )
    return {}
