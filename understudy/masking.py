"""Keeps secrets out of what people see."""

from __future__ import annotations

import re

_URL_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+@", re.IGNORECASE)
_ASSIGNMENT = re.compile(
    r"(?P<before>\b(?:password|passwd|passphrase|auth[_-]?token|secret[_-]?(?:access[_-]?)?key)\b\s*[=:]\s*)"
    r"(?P<quote>['\"]?)[^\s'\",;]+(?P=quote)",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """`text` without the passwords of URLs and of ``password=…`` assignments.

    >>> mask("no answer from postgres://app:hunter2@127.0.0.1/db")
    'no answer from postgres://app:***@127.0.0.1/db'
    """
    text = _URL_PASSWORD.sub(r"\g<before>***@", text)
    return _ASSIGNMENT.sub(r"\g<before>***", text)
