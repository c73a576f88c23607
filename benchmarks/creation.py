"""The engine's creation phase against the same calls made with boto3 and `kubectl apply`, side by side.

Both start from the same running local cloud, with the same number of calls at once, and end when every
server runs and every pod is ready. Rounds alternate, so that a busy machine slows both down.
"""

from __future__ import annotations

import boto3
from botocore.config import Config

from benchmarks.direct.base import Clients
from benchmarks.direct.replay import Seconds, replay
from benchmarks.figures import Figure, middle, spread
from benchmarks.place import ROOT, Place, answer
from understudy.environments.engine import Stack
from understudy.environments.events import Progress
from understudy.environments.up import PARALLEL

TARGET = 3.0
"""Times the direct calls' duration."""

_ROUNDS = 2


def measure(place: Place) -> list[Figure]:
    """Measure both, in turns; the environments go with the local cloud."""
    engine: list[float] = []
    direct: list[Seconds] = []
    for number in range(_ROUNDS):
        name = place.name(f"made{number}")
        stack = Stack.open(ROOT, name, place.variables, create=True)
        engine.append(_creation_phase(stack.up(lambda _: None, parallel=PARALLEL).progress))
        exported = place.pulumi("stack", "export", "--show-secrets", "--stack", name)
        resources = answer(exported)["deployment"]["resources"]
        direct.append(
            replay(
                resources,
                _clients(place),
                place.variables,
                old=name,
                new=place.name(f"copy{number}"),
                threads=PARALLEL,
            )
        )
    theirs = [each.total for each in direct]
    return [
        Figure("creation phase, engine", middle(engine), "s", note=spread(engine)),
        Figure("creation, direct calls", middle(theirs), "s", note=spread(theirs)),
        Figure("of it: AWS", middle(each.aws for each in direct), "s"),
        Figure("creation phase: engine to direct", middle(engine) / middle(theirs), "times", TARGET),
    ]


def _creation_phase(progress: Progress) -> float:
    """Seconds from the first resource's begin to the last one's end, without the program's start."""
    steps = [
        each
        for each in progress.steps.values()
        if each.ended is not None
        and each.operation == "create"
        and not each.type.startswith(("pulumi:", "understudy:"))
    ]
    return max(each.ended or 0.0 for each in steps) - min(each.started for each in steps)


def _clients(place: Place) -> Clients:
    variables = place.variables
    session = boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )
    config = Config(max_pool_connections=PARALLEL, s3={"addressing_style": "path"})
    return Clients(
        lambda service: session.client(
            service,  # pyright: ignore[reportArgumentType, reportCallIssue]
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            config=config,
        ),
        variables["AWS_REGION"],
    )
