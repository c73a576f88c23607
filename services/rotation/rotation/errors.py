"""The one error that leaves the function: it says what failed and never holds a secret."""


class RotationError(Exception):
    """A step could not be done. Secrets Manager calls it again later; the current version stays current."""
