"""The environment variables of a service, and the name of what holds them. Pure."""

import hashlib
import json
from collections.abc import Mapping

from components.checks import check_match


def check_config(field: str, config: Mapping[str, object]) -> None:
    """Refuse what can't be the name of a variable."""
    for key in config:
        check_match(field, key, r"[A-Z][A-Z0-9_]*", "name variables in upper case, such as HTTP_PORT")


def content_hash(variables: Mapping[str, str]) -> str:
    """What stands for these variables and no others.

    >>> content_hash({"A": "1", "B": "2"}) == content_hash({"B": "2", "A": "1"})
    True
    """
    text = json.dumps(dict(variables), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
