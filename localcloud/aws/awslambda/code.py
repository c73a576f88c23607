"""The code of a function: an archive of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from localcloud.archives import MissingFile, digest
from localcloud.fields import Field, describe
from localcloud.values import Archive


@dataclass(frozen=True, kw_only=True)
class Code(Field):
    """An archive; two of the same content are the same, wherever their files lie."""

    @property
    def kind(self) -> str:
        return "archive"

    def _convert(self, path: str, value: Any, failures: Any) -> Archive:
        if not isinstance(value, Archive):
            raise ValueError(f"must be an archive, not {describe(value)}")
        return value

    def same(self, old: Any, new: Any) -> bool:
        if not isinstance(old, Archive) or not isinstance(new, Archive):
            return old == new
        if old == new:
            return True
        try:
            return digest(old) == digest(new)
        except MissingFile:
            return False
