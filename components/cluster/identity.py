"""IAM documents of a cluster: who may take which role. Pure, apart from waiting for the cluster's issuer."""

import json
from typing import Any

import pulumi

from components.access import POLICY_VERSION, document


def service_trust(service: str) -> pulumi.Output[str]:
    """Let an AWS service take a role."""
    return document(
        {
            "Sid": "Service",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
        }
    )


def account_trust(
    provider_arn: pulumi.Input[str], issuer: pulumi.Input[str], account: str
) -> pulumi.Output[str]:
    """Let a service account of `kube-system` take a role.

    `web_identity_trust` of `components.access` does the same where the issuer is known beforehand; a new
    cluster's is not.
    """

    def render(known: list[str]) -> str:
        return json.dumps({"Version": POLICY_VERSION, "Statement": [_trusted(known[0], known[1], account)]})

    return pulumi.Output.all(provider_arn, issuer).apply(render)


def _trusted(provider_arn: str, issuer: str, account: str) -> dict[str, Any]:
    return {
        "Sid": "WorkloadIdentity",
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {
            "StringEquals": {
                f"{issuer}:aud": "sts.amazonaws.com",
                f"{issuer}:sub": f"system:serviceaccount:kube-system:{account}",
            }
        },
    }


def kubeconfig(*, name: str, endpoint: str, certificate_authority: str, region: str, context: str) -> str:
    """A kubeconfig whose user gets a token from the AWS command line, so that it holds no secret."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": context,
                "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority},
            }
        ],
        "users": [
            {
                "name": context,
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1",
                        "command": "aws",
                        "args": [
                            *("eks", "get-token", "--output", "json"),
                            *("--cluster-name", name, "--region", region),
                        ],
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
        "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
        "current-context": context,
    }
    return json.dumps(config)
