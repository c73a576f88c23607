"""The errors that a command ends with, and their exit codes.

The text of each is one line: what is wrong, where, how to mend it.
"""

from __future__ import annotations


class UnderstudyError(Exception):
    """The operation failed (exit code 1). `details` holds more lines, shown with ``--debug``."""

    exit_code = 1

    def __init__(self, message: str, *, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class InvalidInputError(UnderstudyError):
    """The user's input or configuration is wrong (exit code 2)."""

    exit_code = 2


class RefusedError(UnderstudyError):
    """The operation is not allowed: a protected environment, a quota (exit code 6)."""

    exit_code = 6
