"""Certificates that ACM issues."""

from __future__ import annotations

from typing import Any, Final
from uuid import uuid4

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.tags import TagChange, from_list, to_list
from localcloud.fields import Failures, SetOf, Text
from localcloud.resource import Operation, Properties

GONE: Final = ("ResourceNotFoundException",)
_NAME: Final = Text(min_length=1, max_length=253, pattern=r".*[^.]")
_KEYS: Final = (
    "EC_prime256v1",
    "EC_secp384r1",
    "EC_secp521r1",
    "RSA_1024",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
)


class Certificate(AwsType):
    """A certificate that is validated by DNS; its id is its ARN.

    Certificates that are imported, from an authority of one's own, or validated by mail are not implemented.
    """

    token = "aws:acm/certificate:Certificate"
    source = read_from("acm/certificate.go", "01661ea3cbe6b07ed725b03c587d24ceb464484a")
    service = "acm"
    taggable = True
    inputs = {
        "domainName": Text(computed=True, force_new=True, min_length=1, max_length=253, pattern=r".*[^.]"),
        "keyAlgorithm": Text(computed=True, force_new=True, choices=_KEYS),
        "subjectAlternativeNames": SetOf(computed=True, force_new=True, element=_NAME),
        "validationMethod": Text(computed=True, force_new=True, choices=("DNS",)),
    }
    outputs = (
        "arn",
        "domainValidationOptions",
        "notAfter",
        "notBefore",
        "pendingRenewal",
        "renewalEligibility",
        "renewalSummaries",
        "status",
        "type",
        "validationEmails",
    )

    def validate(self, inputs: Properties) -> Failures:
        return [
            (name, "is required: only certificates that are validated by DNS are implemented locally")
            for name in ("domainName", "validationMethod")
            if inputs.get(name) is None
        ]

    def make(self, operation: Operation, inputs: Properties) -> str:
        given: dict[str, Any] = {}
        if inputs.get("keyAlgorithm"):
            given["KeyAlgorithm"] = inputs["keyAlgorithm"]
        if inputs.get("subjectAlternativeNames"):
            given["SubjectAlternativeNames"] = inputs["subjectAlternativeNames"]
        tags = self.wanted_tags(inputs)
        if tags:
            given["Tags"] = to_list(tags)
        return self.client(inputs).request_certificate(
            DomainName=inputs["domainName"],
            ValidationMethod=inputs["validationMethod"],
            IdempotencyToken=uuid4().hex,
            **given,
        )["CertificateArn"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = describe(self.client(state), identity)
        if live is None:
            return None
        tags = self.client(state).list_tags_for_certificate(CertificateArn=identity)
        found = {
            "arn": identity,
            "domainName": live["DomainName"],
            "domainValidationOptions": [_option(each) for each in _sorted(live)],
            "keyAlgorithm": live["KeyAlgorithm"].replace("-", "_"),
            "notAfter": _stamp(live.get("NotAfter")),
            "notBefore": _stamp(live.get("NotBefore")),
            "pendingRenewal": False,
            "renewalEligibility": live.get("RenewalEligibility"),
            "renewalSummaries": [],
            "status": live["Status"],
            "subjectAlternativeNames": sorted(live.get("SubjectAlternativeNames", [])),
            "type": live["Type"],
            "validationEmails": [],
            "validationMethod": "DNS",
        }
        return self.live(state, found, from_list(tags.get("Tags")))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing to do: every input but the tags forces a replacement."""

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client = self.client(properties)
        if change.put:
            client.add_tags_to_certificate(CertificateArn=identity, Tags=to_list(change.put))
        if change.drop:
            client.remove_tags_from_certificate(
                CertificateArn=identity, Tags=[{"Key": key} for key in change.drop]
            )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(GONE, self.client(state).delete_certificate, CertificateArn=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        client = self.client(inputs)
        arns = [
            each["CertificateArn"]
            for page in client.get_paginator("list_certificates").paginate()
            for each in page["CertificateSummaryList"]
            if each["DomainName"] == inputs["domainName"]
        ]
        tags = ((arn, client.list_tags_for_certificate(CertificateArn=arn).get("Tags")) for arn in arns)
        return self.only(((arn, from_list(each)) for arn, each in tags), inputs)


def describe(client: Any, arn: str) -> dict[str, Any] | None:
    """Return what ACM tells of a certificate, or None when it is gone."""
    answer = attempt(GONE, client.describe_certificate, CertificateArn=arn)
    return None if answer is None else answer["Certificate"]


def _sorted(live: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(live.get("DomainValidationOptions", []), key=lambda option: option["DomainName"])


def _option(option: dict[str, Any]) -> dict[str, Any]:
    record = option.get("ResourceRecord", {})
    return {
        "domainName": option["DomainName"],
        "resourceRecordName": record.get("Name"),
        "resourceRecordType": record.get("Type"),
        "resourceRecordValue": record.get("Value"),
    }


def _stamp(moment: Any) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
