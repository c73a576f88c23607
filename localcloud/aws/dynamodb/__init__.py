"""Local types of DynamoDB: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:dynamodb/table:Table": "localcloud.aws.dynamodb.table:Table",
}
