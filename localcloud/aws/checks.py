"""Rules that many AWS inputs share."""

from __future__ import annotations

import base64
import binascii
import json
import re
from datetime import UTC, datetime
from typing import Any

_ARN = re.compile(
    r"arn:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}|aws|aws-managed|third-party|cw.{10})?:.+", re.S
)


def arn(value: str) -> str | None:
    """Say what is wrong with an ARN, or return None; an empty text passes, as in the official provider."""
    return None if not value or _ARN.fullmatch(value) else f"must be an ARN, which {value!r} is not"


def policy_document(value: str) -> str | None:
    """Say what is wrong with an IAM policy (JSON already), or return None."""
    if not isinstance(json.loads(value) if value else None, dict):
        return "must be a policy: a JSON object"
    return None


def base64_text(value: str) -> str | None:
    """Say that a text is no base64, without showing it."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return "must be base64"
    return None


def document_text(document: Any) -> str:
    """Return a policy document as text; boto hands some out parsed."""
    return document if isinstance(document, str) else json.dumps(document)


def rfc3339(moment: Any) -> str | None:
    """Return a time as the official provider writes it, or None for none.

    >>> from datetime import UTC
    >>> rfc3339(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    '2026-01-02T03:04:05Z'
    """
    if not isinstance(moment, datetime):
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
