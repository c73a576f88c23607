"""Local types of Secrets Manager: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:secretsmanager/secret:Secret": "localcloud.aws.secretsmanager.secret:Secret",
    "aws:secretsmanager/secretPolicy:SecretPolicy": (
        "localcloud.aws.secretsmanager.secret_policy:SecretPolicy"
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": (
        "localcloud.aws.secretsmanager.secret_rotation:SecretRotation"
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": (
        "localcloud.aws.secretsmanager.secret_version:SecretVersion"
    ),
}
