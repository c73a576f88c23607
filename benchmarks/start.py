"""How long `make up` takes when everything is built and nothing runs."""

from __future__ import annotations

from benchmarks.figures import Figure
from benchmarks.place import Place, answer

TARGET = 90.0


def measure(place: Place) -> list[Figure]:
    """Bring an environment up on nothing; leave the local cloud running and no environment."""
    name = place.name("start")
    try:
        ran = place.understudy("up", name, "--json")
    finally:
        place.remove(name)
    steps = answer(ran)["seconds"]
    return [
        Figure("everything from nothing running", ran.seconds, "s", TARGET),
        Figure("of it: servers of the local cloud", steps.get("servers", 0.0), "s"),
        Figure("of it: resources", steps.get("resources", 0.0), "s"),
    ]
