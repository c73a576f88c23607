"""IAM policy documents as data. Nothing here is looked up, so a document costs no round trip."""

from collections.abc import Sequence
from typing import Any, cast

import pulumi

from components.checks import check, check_match

POLICY_VERSION = "2012-10-17"
"""Version of IAM's policy language; the only current one."""

Statement = dict[str, Any]
"""One statement of a policy, in IAM's own spelling."""

PRINCIPAL = r"arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(root|(role|user|assumed-role)/[A-Za-z0-9_+=,.@/-]+)"
"""What the ARN of a principal looks like: a role, a user, a session, or an account's `root`."""


def check_principals(field: str, principals: Sequence[pulumi.Input[str]]) -> None:
    """Refuse what names no principal; a value that is not known yet passes."""
    check(isinstance(principals, list | tuple), field, principals, "use a list of ARNs")
    for principal in principals:
        if not isinstance(principal, pulumi.Output):
            plain = cast("str", principal)
            check_match(field, plain, PRINCIPAL, "name a role, a user or an account's root by its ARN")


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document as JSON; values that are not known yet are waited for."""
    return pulumi.Output.json_dumps({"Version": POLICY_VERSION, "Statement": list(statements)})


def deny_plain_text(service: str, resources: Sequence[pulumi.Input[str]]) -> Statement:
    """Deny whatever comes without TLS to resources of `service` (`s3`, `sqs`, `secretsmanager`)."""
    return {
        "Sid": "DenyPlainText",
        "Effect": "Deny",
        "Principal": "*",
        "Action": f"{service}:*",
        "Resource": list(resources) if len(resources) != 1 else resources[0],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def key_policy(account_id: pulumi.Input[str], region_partition: str) -> Statement:
    """Let the account's own IAM policies decide over a key; without it a key can't be managed."""
    return {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": pulumi.Output.format("arn:{0}:iam::{1}:root", region_partition, account_id)},
        "Action": "kms:*",
        "Resource": "*",
    }


def web_identity_trust(
    *,
    account_id: pulumi.Input[str],
    region_partition: str,
    issuer: pulumi.Input[str],
    namespace: pulumi.Input[str],
    service_account: pulumi.Input[str],
) -> Statement:
    """Let one Kubernetes service account take a role, by a token of the cluster's issuer.

    Args:
        account_id: the AWS account of the role and of the identity provider.
        region_partition: `aws`, `aws-cn` or `aws-us-gov`.
        issuer: the issuer of the cluster's tokens, without `https://`.
        namespace: where the service account lives.
        service_account: its name.
    """
    return {
        "Sid": "WorkloadIdentity",
        "Effect": "Allow",
        "Principal": {
            "Federated": pulumi.Output.format(
                "arn:{0}:iam::{1}:oidc-provider/{2}", region_partition, account_id, issuer
            )
        },
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": pulumi.Output.all(issuer, namespace, service_account).apply(_only_for),
    }


def _only_for(known: Sequence[Any]) -> dict[str, Any]:
    """The condition that a token is for AWS and of one service account; its keys name the issuer."""
    issuer, namespace, service_account = known
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    return {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": subject}}


def partition(region: str) -> str:
    """The partition that a region's ARNs begin with.

    >>> partition("eu-west-1")
    'aws'
    """
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
