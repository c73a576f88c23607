"""Cases of the ACM types."""

from __future__ import annotations

from cases.aws_route53 import RECORD, zone
from lifecycle import Case, Inputs, World

CERTIFICATE = "aws:acm/certificate:Certificate"


def _proved(world: World) -> Inputs:
    """A certificate of which the record is there."""
    name = f"{world.unique('shop')}.example.com"
    arn, state = world.make(CERTIFICATE, {"domainName": name, "validationMethod": "DNS"})
    (option,) = state["domainValidationOptions"]
    _, record = world.make(
        RECORD,
        {
            "zoneId": zone(world),
            "name": option["resourceRecordName"],
            "type": option["resourceRecordType"],
            "ttl": 60,
            "records": [option["resourceRecordValue"]],
        },
    )
    return {"certificateArn": arn, "validationRecordFqdns": [record["fqdn"]]}


def _retag(world: World, arn: str, _state: Inputs) -> None:
    world.client("acm").add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "by hand"}])


CASES = [
    Case(
        token=CERTIFICATE,
        create=lambda w: {
            "domainName": f"{w.unique('shop')}.example.com",
            "validationMethod": "DNS",
            "tags": {"a": "b"},
        },
        update=lambda _w, i: {**i, "tags": {"c": "d"}},
        replace=lambda w, i: {**i, "domainName": f"{w.unique('shop')}.example.com"},
        drift=_retag,
        drifted="tags",
        vanish=lambda w, arn, _s: w.client("acm").delete_certificate(CertificateArn=arn),
        bad=[
            ({"domainName": "example.com."}, "domainName"),
            ({"validationMethod": "EMAIL"}, "validationMethod"),
            ({"validationMethod": None}, "validationMethod"),
            ({"privateKey": "x"}, "privateKey"),
        ],
    ),
    Case(
        token="aws:acm/certificateValidation:CertificateValidation",
        create=_proved,
        replace=lambda w, _i: _proved(w),
        vanish=lambda w, arn, _s: w.client("acm").delete_certificate(CertificateArn=arn),
        unread=("validationRecordFqdns",),
        stays=True,
    ),
]
