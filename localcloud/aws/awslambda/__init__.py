"""Local types of Lambda: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:lambda/function:Function": "localcloud.aws.awslambda.function:Function",
    "aws:lambda/permission:Permission": "localcloud.aws.awslambda.permission:Permission",
}
