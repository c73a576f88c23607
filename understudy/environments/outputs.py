"""The outputs of an environment, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from understudy.errors import UnderstudyError


@dataclass(frozen=True)
class Outputs:
    """What the program exports; see `stacks/__main__.py` for what each one is."""

    environment: str
    profile: str
    region: str
    namespace: str
    orders_queue_url: str
    orders_dead_letter_queue_url: str
    replies_queue_url: str
    archive_bucket: str
    database_secret_arn: str
    database_address: str
    database_port: int
    cache_secret_arn: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Outputs:
        """Take them from a stack's outputs; raise UnderstudyError when some are missing."""
        wanted = [each.name for each in fields(cls)]
        missing = [name for name in wanted if values.get(name) is None]
        if missing:
            raise UnderstudyError(
                f"the environment has no output {missing[0]}; bring it up, or export it in stacks/topology.py"
            )
        return cls(**{name: values[name] for name in wanted})
