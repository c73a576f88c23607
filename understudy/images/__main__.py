"""``python -m understudy.images``: build the images of the services that changed."""

from __future__ import annotations

import sys
from pathlib import Path

from understudy.images import ImageError, build_images


def main() -> int:
    """Build them in the project of the current folder; return the exit code."""

    def tell(service: str, what: str) -> None:
        sys.stderr.write(f"{service}: {what}\n")

    try:
        images = build_images(Path.cwd(), progress=tell)
    except ImageError as error:
        sys.stderr.write(f"{error.output}\nerror: {error}\n" if error.output else f"error: {error}\n")
        return 1
    for image in images.values():
        sys.stdout.write(f"{image.reference}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
