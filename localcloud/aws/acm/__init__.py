"""Local types of Certificate Manager: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:acm/certificate:Certificate": "localcloud.aws.acm.certificate:Certificate",
    "aws:acm/certificateValidation:CertificateValidation": (
        "localcloud.aws.acm.certificate_validation:CertificateValidation"
    ),
}
