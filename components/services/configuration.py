"""The environment variables of a service, and the name of what holds them. Pure."""

import hashlib
import json
from collections.abc import Mapping

from components.checks import InvalidArgument, check_match


def check_config(field: str, config: object) -> None:
    """Refuse what is no mapping of variables' names."""
    if not isinstance(config, Mapping):
        raise InvalidArgument(field, config, "use a mapping of variables to values")
    for key in config:  # pyright: ignore[reportUnknownVariableType]
        check_match(field, key, r"[A-Z][A-Z0-9_]*", "name variables in upper case, such as HTTP_PORT")  # pyright: ignore[reportUnknownArgumentType]


def content_hash(variables: Mapping[str, str]) -> str:
    """What stands for these variables and no others.

    >>> content_hash({"A": "1", "B": "2"}) == content_hash({"B": "2", "A": "1"})
    True
    """
    text = json.dumps(dict(variables), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:10]
