"""Brings a child's output to a gRPC response stream."""

import queue
import threading
from collections.abc import Iterator
from typing import IO, Literal

__all__ = ["Stream", "merged"]

Stream = Literal["stdout", "stderr"]


def merged(stdout: IO[bytes], stderr: IO[bytes]) -> Iterator[tuple[Stream, bytes]]:
    """Yield the lines of both, each as soon as it is there, until both have ended."""
    lines: queue.SimpleQueue[tuple[Stream, bytes] | None] = queue.SimpleQueue()

    def read(name: Stream, source: IO[bytes]) -> None:
        try:
            for line in iter(source.readline, b""):
                lines.put((name, line))
        finally:
            lines.put(None)

    sources: tuple[tuple[Stream, IO[bytes]], ...] = (("stdout", stdout), ("stderr", stderr))
    for name, source in sources:
        threading.Thread(target=read, args=(name, source), daemon=True).start()
    ended = 0
    while ended < len(sources):
        line = lines.get()
        if line is None:
            ended += 1
        else:
            yield line
