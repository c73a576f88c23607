"""Local types of ECR: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "localcloud.aws.ecr.lifecycle_policy:LifecyclePolicy",
    "aws:ecr/repository:Repository": "localcloud.aws.ecr.repository:Repository",
}
