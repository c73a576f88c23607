"""The one exception that the local cloud raises for anything its user can mend."""

from __future__ import annotations


class LocalCloudError(Exception):
    """Something is wrong with the local cloud; the text is one line: what, where, how to mend it.

    `invalid_input` tells a caller that the user's own input is at fault (exit code 2) rather than the
    operation (exit code 1). `details` holds more lines, such as the end of a log, for ``--debug``.
    """

    def __init__(self, message: str, *, invalid_input: bool = False, details: str = "") -> None:
        super().__init__(message)
        self.invalid_input = invalid_input
        self.details = details
