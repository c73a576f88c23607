"""How a new version takes over from the one that serves. Pure arithmetic; no controller takes part.

A release is plain configuration: each step is a change of arguments and an update of the stack. See
`docs/adr/0005-releases-without-a-controller.md`.
"""

from dataclasses import dataclass
from typing import Literal

from components.argument_types import check_types
from components.checks import InvalidArgument, check, check_match, check_range

Strategy = Literal["rolling", "blue-green", "canary"]
"""How a new version takes over."""

IMAGE = r"[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}"
"""An image by digest."""
IMAGE_MEND = "use an image by digest, such as registry/orders@sha256:<64 hexadecimal digits>"


@dataclass(frozen=True, kw_only=True)
class Release:
    """How a new version takes over.

    - `rolling`: pods are replaced in place. A new image is the service's `image`.
    - `canary`: `candidate` runs beside the serving version with a share of the pods, `steps[step - 1]`
      percent. To promote, make it the service's `image` and leave `candidate` out; to abort, leave it out.
    - `blue-green`: `candidate` runs with all its pods beside the serving version, and gets no traffic.
      Promote and abort are the same; the serving version may stay as `candidate` for a quick way back.

    Example:
        >>> Release(strategy="canary", candidate=image, steps=(25, 50), step=2)

    Raises:
        InvalidArgument: a candidate that the strategy has no place for, steps that do not grow, or a
            number out of range.
    """

    strategy: Strategy = "rolling"
    """How a new version takes over: `rolling`, `blue-green` or `canary`."""
    candidate: str | None = None
    """Image by digest of the version that is to take over; none when no release is under way."""
    steps: tuple[int, ...] = (25, 50)
    """Canary: percent of the pods that run the candidate, step by step, each 1 to 99 and growing."""
    step: int = 1
    """Canary: which of the steps is taken, counted from 1."""
    max_surge: int = 1
    """Pods above the number of replicas while they are replaced, 0 to 100."""
    max_unavailable: int = 0
    """Pods that may be missing while they are replaced, 0 to 100."""
    ready_within: int = 300
    """Seconds that a version has to become ready before the update fails, 10 to 3600."""

    def __post_init__(self) -> None:
        check_types(self)
        if self.candidate is not None:
            check_match("candidate", self.candidate, IMAGE, IMAGE_MEND)
            rolling = self.strategy == "rolling"
            check(not rolling, "candidate", self.candidate, "use canary or blue-green, or leave it out")
        for percent in self.steps:
            check_range("steps", percent, 1, 99, "percent")
        growing = len(self.steps) > 0 and list(self.steps) == sorted(set(self.steps))
        check(growing, "steps", self.steps, "use growing percentages such as (25, 50)")
        check_range("step", self.step, 1, len(self.steps))
        check_range("max_surge", self.max_surge, 0, 100, "pods")
        check_range("max_unavailable", self.max_unavailable, 0, 100, "pods")
        check_range("ready_within", self.ready_within, 10, 3600, "seconds")
        stuck = self.max_surge == 0 and self.max_unavailable == 0
        check(not stuck, "max_surge", self.max_surge, "use at least 1, or a max_unavailable of at least 1")

    @property
    def percent(self) -> int:
        """The share of the pods that a canary is to have, in percent."""
        return self.steps[self.step - 1]


@dataclass(frozen=True, kw_only=True)
class Share:
    """How many pods each version of a canary has."""

    stable: int
    candidate: int

    @property
    def percent(self) -> float:
        """The candidate's share of the pods, and so of the connections."""
        return 100 * self.candidate / (self.stable + self.candidate)


def share(replicas: int, percent: int) -> Share:
    """Part the traffic by numbers of pods: the candidate gets at most `percent` of them.

    The larger side always has all replicas, so neither a step nor an abort takes capacity away.

    >>> share(3, 25)
    Share(stable=3, candidate=1)

    Raises:
        InvalidArgument: so few replicas can't show so small a share.
    """
    rest = 100 - percent
    if percent > 50:
        return Share(stable=-(-replicas * rest // percent), candidate=replicas)
    candidate = replicas * percent // rest
    if candidate == 0:
        least = -(-100 // (replicas + 1))
        mend = f"{replicas} replicas show no less than {least} percent; use larger steps or more replicas"
        raise InvalidArgument("steps", percent, mend)
    return Share(stable=replicas, candidate=candidate)


@dataclass(frozen=True, kw_only=True)
class Track:
    """One version of a service that runs: a Deployment of its own."""

    name: str
    """What its pods are told apart by, as a label: `stable`, `candidate`, or a colour."""
    suffix: str | None
    """What is added to the names of its resources; nothing for the one and only."""
    image: str
    pods: int
    """How many pods it has, of `replicas`."""
    replicas: int
    """How many pods the service has while no release is under way."""
    together: int
    """How many pods take work, those of the other version included."""

    def part(self, pods: int) -> int:
        """What this version has of `pods` replicas, at least one.

        >>> Track(name="stable", suffix=None, image="…", pods=1, replicas=3, together=4).part(6)
        2
        """
        return max(1, pods * self.pods // self.replicas)


def colour(image: str) -> str:
    """A short name that stands for an image, the same whenever it is deployed.

    >>> colour("orders@sha256:" + "0a1b2c3d" * 8)
    'c0a1b2c3d'
    """
    return f"c{image.rpartition('@sha256:')[2][:8]}"


def tracks(release: Release, image: str, replicas: int) -> tuple[Track, ...]:
    """The versions that run: first the one that serves, then the candidate, when there is one.

    Raises:
        InvalidArgument: the candidate serves already, or so few replicas can't show the share.
    """
    candidate = release.candidate
    if candidate is not None:
        same = colour(candidate) == colour(image)
        check(not same, "candidate", candidate, "it is the image that serves already; leave it out")
    if release.strategy == "blue-green":
        colours = [image] if candidate is None else [image, candidate]
        return tuple(_track(colour(one), colour(one), one, replicas, replicas) for one in colours)
    if candidate is None:
        return (_track("stable", None, image, replicas, replicas),)
    parts = share(replicas, release.percent)
    together = parts.stable + parts.candidate
    return (
        _track("stable", None, image, parts.stable, replicas, together),
        _track("candidate", "candidate", candidate, parts.candidate, replicas, together),
    )


def _track(
    name: str, suffix: str | None, image: str, pods: int, replicas: int, together: int | None = None
) -> Track:
    whole = pods if together is None else together
    return Track(name=name, suffix=suffix, image=image, pods=pods, replicas=replicas, together=whole)
