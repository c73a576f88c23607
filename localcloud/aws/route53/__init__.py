"""Local types of Route 53: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:route53/record:Record": "localcloud.aws.route53.record:Record",
    "aws:route53/zone:Zone": "localcloud.aws.route53.zone:Zone",
}
