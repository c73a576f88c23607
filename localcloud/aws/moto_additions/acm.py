"""ACM: a certificate is issued once the record that proves its domain is there.

moto issues every certificate a minute after it was asked for, whether or not anybody proved anything.
"""

from __future__ import annotations

from functools import wraps

from moto.acm.models import CertBundle
from moto.route53.models import route53_backends

_PENDING = "PENDING_VALIDATION"


def install() -> None:
    """Let a certificate look for its records in the zones of its account."""
    original = CertBundle.check
    if hasattr(original, "__wrapped__"):
        return

    @wraps(original)
    def check(self: CertBundle) -> None:
        asked = self.status == _PENDING
        original(self)
        if asked and self.status in (_PENDING, "ISSUED"):
            self.status = "ISSUED" if _proved(self) else _PENDING

    CertBundle.check = check


def _proved(certificate: CertBundle) -> bool:
    account = certificate.arn.split(":")[4]
    zones = route53_backends[account]["global"].zones.values()
    there = {record.name.rstrip(".") for zone in zones for record in zone.rrsets if record.type == "CNAME"}
    options = certificate.describe()["Certificate"].get("DomainValidationOptions", [])
    return all(option["ResourceRecord"]["Name"].rstrip(".") in there for option in options)
