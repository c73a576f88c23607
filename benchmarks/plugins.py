"""What engine, language host and a plugin cost by themselves: 101 resources that need no server."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.place import Place

COUNT = 101
_STACK = ("--stack", "plugins")

_PROJECT = """\
name: understudy-plugins
runtime:
  name: python
  options:
    virtualenv: {virtualenv}
"""

_PROGRAM = f"""\
import pulumi_random

for number in range({COUNT}):
    pulumi_random.RandomId(f"id-{{number}}", byte_length=8)
"""


def measure(place: Place) -> list[Figure]:
    """Measure a small program on the plugin for random values."""
    with tempfile.TemporaryDirectory(prefix="understudy-plugins-") as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text(_PROJECT.format(virtualenv=sys.prefix))
        (folder / "__main__.py").write_text(_PROGRAM)
        place.pulumi("stack", "init", "plugins", folder=folder)
        up = place.pulumi("up", "--yes", "--skip-preview", *_STACK, folder=folder)
        unchanged = place.pulumi("up", "--yes", "--skip-preview", *_STACK, folder=folder)
        gone = place.pulumi("destroy", "--yes", "--skip-preview", *_STACK, folder=folder)
    return [
        Figure(f"{COUNT} random resources, `pulumi up`", up.seconds, "s"),
        Figure(f"{COUNT} random resources, no changes", unchanged.seconds, "s"),
        Figure(f"{COUNT} random resources, `pulumi destroy`", gone.seconds, "s"),
    ]
