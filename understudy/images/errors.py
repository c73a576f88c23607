"""What can go wrong while an image is built."""

from understudy.errors import UnderstudyError

__all__ = ["ImageError"]


class ImageError(UnderstudyError):
    """An image can't be built; the message is one line that says what, where and how to mend it.

    Attributes:
        output: what the compiler printed, to be read before the message; empty when no compiler ran.
    """

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(" ".join(message.split()), details=output)
        self.output = output
