"""Local types of KMS: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:kms/alias:Alias": "localcloud.aws.kms.alias:Alias",
    "aws:kms/key:Key": "localcloud.aws.kms.key:Key",
}
