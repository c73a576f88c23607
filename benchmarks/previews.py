"""How long a preview of production takes, and how a preview grows with the number of services."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.figures import Figure, middle, spread
from benchmarks.place import ROOT, Place

PRODUCTION = 10.0
"""Seconds."""
GROWTH = 1.5
"""A service of the second half may cost so many times what one of the first half does."""

_REPEATS = 3
_COUNTS = (1, 20, 40)
_STACK = "previews"

_PROJECT = """\
name: understudy-previews
runtime:
  name: python
  options:
    virtualenv: {virtualenv}
"""

_PROGRAM = """\
import pulumi

from components.context import Context
from components.services import Namespace, NamespaceArgs, Service, ServiceArgs

context = Context(
    organisation="example", project="understudy", environment="previews", profile="preview",
    owner="platform", branch="previews", commit="0", release="0")
namespace = Namespace("environment", NamespaceArgs(context=context)).physical_name
for number in range(pulumi.Config().require_int("services")):
    Service(
        f"service{number}",
        ServiceArgs(
            context=context, namespace=namespace, language="go", account_id="123456789012",
            image=f"example/service@sha256:{'0' * 64}", issuer="oidc.example.com/id/1"))
"""


def measure(place: Place) -> list[Figure]:
    """Measure previews of stacks that do not exist yet; nothing is created."""
    return [_production(place), *_growth(place)]


def _production(place: Place) -> Figure:
    name = place.name("production")
    place.pulumi("stack", "init", name)
    place.pulumi("config", "set", "understudy:profile", "production", "--stack", name)
    seconds = [place.pulumi("preview", "--stack", name).seconds for _ in range(_REPEATS)]
    place.pulumi("stack", "rm", "--yes", name)
    return Figure("preview of production", middle(seconds), "s", PRODUCTION, spread(seconds))


def _growth(place: Place) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="understudy-previews-") as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text(_PROJECT.format(virtualenv=sys.prefix))
        (folder / "__main__.py").write_text(_PROGRAM)
        (folder / "components").symlink_to(ROOT / "components")
        place.pulumi("stack", "init", _STACK, folder=folder)
        taken = {count: _preview(place, folder, count) for count in _COUNTS}
        place.pulumi("stack", "rm", "--yes", _STACK, folder=folder)
    few, some, many = _COUNTS
    first = (taken[some] - taken[few]) / (some - few)
    second = (taken[many] - taken[some]) / (many - some)
    return [
        *(Figure(f"preview of {count} services", seconds, "s") for count, seconds in taken.items()),
        Figure("each further service, later to earlier", second / first, "times", GROWTH),
    ]


def _preview(place: Place, folder: Path, services: int) -> float:
    place.pulumi("config", "set", "services", str(services), "--stack", _STACK, folder=folder)
    return middle(place.pulumi("preview", "--stack", _STACK, folder=folder).seconds for _ in range(_REPEATS))
