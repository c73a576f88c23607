"""Waiting until a certificate is valid."""

from __future__ import annotations

from localcloud.aws.acm.certificate import describe
from localcloud.aws.base import AwsType, read_from
from localcloud.fields import SetOf, Text
from localcloud.resource import LocalError, Operation, Properties

_TIMEOUT_SECONDS = 75 * 60.0


class CertificateValidation(AwsType):
    """That a certificate was issued; its id is the certificate's ARN (officially the time of it)."""

    token = "aws:acm/certificateValidation:CertificateValidation"
    source = read_from("acm/certificate_validation.go", "004eea7f9b6658d88d652e89e10c7520a10ad6b8")
    service = "acm"
    creates_once = False
    inputs = {
        "certificateArn": Text(required=True, force_new=True),
        "validationRecordFqdns": SetOf(force_new=True, element=Text()),
    }

    def make(self, operation: Operation, inputs: Properties) -> str:
        arn = inputs["certificateArn"]
        client = self.client(inputs)
        certificate = describe(client, arn)
        if certificate is None:
            raise LocalError(f"certificateArn: there is no certificate {arn}")
        if inputs.get("validationRecordFqdns"):
            given = {name.removesuffix(".") for name in inputs["validationRecordFqdns"]}
            options = certificate.get("DomainValidationOptions", [])
            missing = sorted({each["ResourceRecord"]["Name"].removesuffix(".") for each in options} - given)
            if missing:
                raise LocalError(f"validationRecordFqdns: the record {missing[0]} is missing")
        operation.say("waiting for the records by which the domain is proved")
        operation.until(
            lambda: (describe(client, arn) or {}).get("Status") != "PENDING_VALIDATION", every=0.5
        )
        status = (describe(client, arn) or {}).get("Status", "gone")
        if status != "ISSUED":
            raise LocalError(f"certificateArn: the certificate {arn} was not issued, it is {status}")
        return arn

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = describe(self.client(state), identity)
        if live is None or live["Status"] != "ISSUED":
            return None
        found = {
            "certificateArn": identity,
            "validationRecordFqdns": state.get("validationRecordFqdns"),
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing to do: every input forces a replacement."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        """Nothing to do: a certificate that was issued stays so."""

    def timeout(self, action: str) -> float:
        return _TIMEOUT_SECONDS if action == "create" else super().timeout(action)
