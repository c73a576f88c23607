"""Every local AWS type and function by its token. A module is imported when its first type is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from localcloud.aws import (
    acm,
    awslambda,
    cloudwatch,
    dynamodb,
    ec2,
    ecr,
    eks,
    elasticache,
    functions,
    iam,
    kms,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    sqs,
)
from localcloud.aws.base import AwsFunction, AwsType

_SERVICES = (
    acm,
    awslambda,
    cloudwatch,
    dynamodb,
    ec2,
    ecr,
    eks,
    elasticache,
    iam,
    kms,
    rds,
    route53,
    s3,
    secretsmanager,
    sns,
    sqs,
)

TYPES: Mapping[str, str] = {token: place for service in _SERVICES for token, place in service.TYPES.items()}
"""From token to ``module:Class``."""

FUNCTIONS: Mapping[str, str] = functions.FUNCTIONS
"""From token to ``module:Class``."""


def load_type(token: str) -> type[AwsType]:
    """Return the class of the type `token`; KeyError when there is none."""
    return _load(TYPES[token])


def load_function(token: str) -> type[AwsFunction]:
    """Return the class of the function `token`; KeyError when there is none."""
    return _load(FUNCTIONS[token])


def _load(place: str) -> type:
    module, name = place.split(":")
    return getattr(importlib.import_module(module), name)
