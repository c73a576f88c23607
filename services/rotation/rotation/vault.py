"""The secret's versions in Secrets Manager."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from rotation.credentials import Credentials
from rotation.errors import RotationError

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


class Vault:
    """Secrets Manager as a rotation uses it; `client` is boto3's."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def needs_work(self, secret: str, token: str) -> bool:
        """Tell whether version `token` is yet to become the current one; refuse what is no rotation."""
        described = self._client.describe_secret(SecretId=secret)
        if not described.get("RotationEnabled"):
            raise RotationError("rotation of the secret is not enabled")
        stages = described.get("VersionIdsToStages", {}).get(token)
        if stages is None:
            raise RotationError("the secret has no version of this token")
        if CURRENT in stages:
            return False
        if PENDING not in stages:
            raise RotationError(f"the version of this token is not {PENDING}")
        return True

    def current(self, secret: str) -> Credentials:
        """The current version."""
        found = self._value(secret, what="the current version", VersionStage=CURRENT)
        if found is None:
            raise RotationError("the secret has no current version")
        return found

    def pending(self, secret: str, token: str) -> Credentials | None:
        """The version that is being made, or None before it has a value."""
        return self._value(secret, what="the pending version", VersionId=token, VersionStage=PENDING)

    def propose(self, secret: str, token: str, credentials: Credentials) -> None:
        """Store the pending version; one that an earlier call stored stays."""
        try:
            self._client.put_secret_value(
                SecretId=secret,
                ClientRequestToken=token,
                SecretString=credentials.text(),
                VersionStages=[PENDING],
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceExistsException":
                raise

    def promote(self, secret: str, token: str) -> None:
        """Make the pending version the current one, in one call: readers see the one or the other."""
        stages = self._client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        holder = next((version for version, held in stages.items() if CURRENT in held), None)
        if holder == token:
            return
        leave = {"RemoveFromVersionId": holder} if holder else {}
        self._client.update_secret_version_stage(
            SecretId=secret, VersionStage=CURRENT, MoveToVersionId=token, **leave
        )

    def _value(self, secret: str, *, what: str, **which: str) -> Credentials | None:
        try:
            answer = self._client.get_secret_value(SecretId=secret, **which)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return Credentials.parse(answer.get("SecretString") or "", what)
