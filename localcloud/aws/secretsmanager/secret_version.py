"""Values of secrets."""

from __future__ import annotations

import base64
import uuid
from typing import Any, Final

from botocore.exceptions import ClientError

from localcloud.aws.base import AwsType, read_from
from localcloud.aws.checks import base64_text
from localcloud.aws.secretsmanager.secret import NOT_FOUND
from localcloud.aws.session import code_of
from localcloud.fields import Integer, SetOf, Text, WriteOnlyText
from localcloud.resource import LocalError, Operation, Properties

_CURRENT: Final = "AWSCURRENT"
_PREVIOUS: Final = "AWSPREVIOUS"
_SEPARATOR: Final = "|"


class SecretVersion(AwsType):
    """One value of a secret; its id is ``<secret>|<version>``.

    The version that is current can't be removed, only superseded: it goes with its secret.
    """

    token = "aws:secretsmanager/secretVersion:SecretVersion"
    source = read_from("secretsmanager/secret_version.go", "0042e8ea0de293c6cd8b003f89f7f4d2fb5fcf31")
    service = "secretsmanager"
    inputs = {
        "secretBinary": Text(
            force_new=True,
            secret=True,
            conflicts=("secretString", "secretStringWo"),
            check=base64_text,
        ),
        "secretId": Text(required=True, force_new=True),
        "secretString": Text(force_new=True, secret=True, conflicts=("secretBinary", "secretStringWo")),
        "secretStringWo": WriteOnlyText(
            conflicts=("secretBinary", "secretString"), requires=("secretStringWoVersion",)
        ),
        "secretStringWoVersion": Integer(force_new=True, write_only=True, requires=("secretStringWo",)),
        "versionStages": SetOf(computed=True, element=Text()),
    }
    outputs = ("arn", "hasSecretStringWo", "secretArn", "versionId")

    def make(self, operation: Operation, inputs: Properties) -> str:
        arguments: Properties = {"SecretId": inputs["secretId"], "ClientRequestToken": str(uuid.uuid4())}
        text = inputs.get("secretString") or inputs.get("secretStringWo")
        if inputs.get("secretBinary"):
            arguments["SecretBinary"] = base64.b64decode(inputs["secretBinary"])
        if text:
            arguments["SecretString"] = text
        if inputs.get("versionStages"):
            arguments["VersionStages"] = inputs["versionStages"]
        answer = self.client(inputs).put_secret_value(**arguments)
        return f"{inputs['secretId']}{_SEPARATOR}{answer['VersionId']}"

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        secret, version = _parts(identity)
        live = self._value(state, secret, version)
        if live is None:
            return None
        written_only = state.get("secretStringWo") is not None or bool(state.get("hasSecretStringWo"))
        binary = live.get("SecretBinary")
        found = {
            "arn": live["ARN"],
            "hasSecretStringWo": written_only or None,
            "secretArn": live["ARN"],
            "secretBinary": base64.b64encode(binary).decode() if binary else None,
            "secretId": secret,
            "secretString": None if written_only else live.get("SecretString"),
            "versionId": live["VersionId"],
            "versionStages": sorted(live.get("VersionStages") or []),
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        if new.get("versionStages") is None:
            return
        secret, version = _parts(identity)
        client = self.client(new)
        present = set((self._value(new, secret, version) or {}).get("VersionStages") or [])
        wanted = set(new["versionStages"])
        for stage in sorted(wanted - present):
            holder = self._holder(client, secret, stage)
            leave = {"RemoveFromVersionId": holder} if holder else {}
            client.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, MoveToVersionId=version, **leave
            )
        kept = {_CURRENT, _PREVIOUS} if _CURRENT in wanted - present else {_CURRENT}
        for stage in sorted(present - wanted - kept):
            client.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
            )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        secret, version = _parts(identity)
        live = self._value(state, secret, version)
        for stage in sorted(set((live or {}).get("VersionStages") or ()) - {_CURRENT}):
            if stage in (state.get("versionStages") or ()):
                self.client(state).update_secret_version_stage(
                    SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
                )

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        live = self._value(inputs, inputs["secretId"])
        text = inputs.get("secretString") or inputs.get("secretStringWo")
        binary = inputs.get("secretBinary")
        wanted = base64.b64decode(binary) if binary else text
        if live is None or (live.get("SecretBinary") or live.get("SecretString")) != wanted:
            return None
        return f"{inputs['secretId']}{_SEPARATOR}{live['VersionId']}"

    def _value(self, properties: Properties, secret: str, version: str | None = None) -> Any:
        """Return the answer to GetSecretValue, or None when the version or the secret is gone."""
        which = {"VersionId": version} if version else {}
        try:
            return self.client(properties).get_secret_value(SecretId=secret, **which)
        except ClientError as error:
            deleted = code_of(error) == "InvalidRequestException" and "deleted" in str(error)
            if code_of(error) in NOT_FOUND or deleted:
                return None
            raise

    def _holder(self, client: Any, secret: str, stage: str) -> str | None:
        stages = client.describe_secret(SecretId=secret).get("VersionIdsToStages") or {}
        return next((version for version, held in stages.items() if stage in held), None)


def _parts(identity: str) -> tuple[str, str]:
    secret, _, version = identity.partition(_SEPARATOR)
    if not secret or not version:
        raise LocalError(f"{identity!r} is no id of a secret version: it must be <secret ARN>|<version id>")
    return secret, version
