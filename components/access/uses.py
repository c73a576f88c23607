"""What a service uses of another component: permissions at AWS, and ways through the network."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.access.grants import Grant
from components.argument_types import check_types
from components.checks import check, check_match


@dataclass(frozen=True, kw_only=True)
class ToAddresses:
    """A way to a TCP port at addresses outside of the cluster.

    Raises:
        InvalidArgument: no address to go to.
    """

    blocks: Sequence[pulumi.Input[str]]
    """IPv4 blocks in which the other side lies, such as the data tier of a network."""
    port: pulumi.Input[int]
    """TCP port there."""

    def __post_init__(self) -> None:
        mend = "name at least one IPv4 block, such as network.plan.tier('data')"
        check_types(self)
        check(len(self.blocks) > 0, "blocks", self.blocks, mend)


@dataclass(frozen=True, kw_only=True)
class ToPods:
    """A way to a TCP port of another service's pods. It is opened at both ends.

    Raises:
        InvalidArgument: a name of the port that is none.
    """

    selector: Mapping[str, str]
    """Labels of the pods."""
    namespace: pulumi.Input[str]
    """Kubernetes namespace of the pods."""
    port_name: str
    """Name of the port, for the name of the rule."""
    port: int
    """TCP port that the pods listen on."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("port_name", self.port_name, r"[a-z][a-z0-9]{0,14}", "use at most 15 of a-z and 0-9")


@dataclass(frozen=True, kw_only=True)
class Use:
    """That a service uses a component, and how. Components make these; a service takes them as `uses`.

    From its uses come a service's IAM policy and its network policies, so that what it may do is what it
    was built from and no more.

    Example:
        >>> ServiceArgs(…, uses=(orders.consumed(), archive.written(), pricing.called("grpc")))

    Raises:
        InvalidArgument: something else than grants, addresses and pods.
    """

    subject: str
    """Name of the component that is used."""
    grants: Sequence[Grant] = ()
    """What the service may do at AWS."""
    addresses: Sequence[ToAddresses] = ()
    """Where it may connect to, besides AWS's API and the cluster's DNS."""
    pods: Sequence[ToPods] = ()
    """Which other pods it may connect to."""
    queue: pulumi.Input[str] | None = None
    """Name in SQS of the queue whose messages are the service's work; its length can decide on replicas."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("subject", self.subject, r"\S(.*\S)?", "use the name of the component that is used")


def sid(verb: str, name: str) -> str:
    """The name of a statement, of a verb and the name of a component.

    >>> sid("ConsumeQueue", "late-orders")
    'ConsumeQueueLateOrders'
    """
    return verb + "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name))


def check_uses(field: str, uses: Sequence[Use]) -> None:
    """Refuse a use that is named twice."""
    sids = [grant.sid for use in uses for grant in use.grants]
    check(len(set(sids)) == len(sids), field, sids, "name each use once")
    calls = [(use.subject, way.port_name) for use in uses for way in use.pods]
    check(len(set(calls)) == len(calls), field, calls, "name each use once")
