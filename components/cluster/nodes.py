"""Node groups as plain data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from components.argument_types import check_types
from components.checks import check, check_choice, check_match, check_range

_INSTANCE_TYPE = re.compile(r"[a-z]+[0-9]+([a-z-]*)\.[a-z0-9-]+")
_AMI = {False: "AL2023_x86_64_STANDARD", True: "AL2023_ARM_64_STANDARD"}
_EFFECTS = ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")
_LABEL = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_PREFIX = r"([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?/)?"
_KEY = _PREFIX + r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
_VALUE = r"([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?"


@dataclass(frozen=True, kw_only=True)
class Taint:
    """Keeps pods off a group's nodes that do not tolerate it.

    Raises:
        InvalidArgument: a key, value or effect that Kubernetes does not take.
    """

    key: str
    """Key of the taint, such as `workload`."""
    value: str = ""
    """Value of the taint; a toleration may ask for it."""
    effect: Literal["NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"] = "NO_SCHEDULE"
    """What becomes of pods that do not tolerate it: not placed, evicted, or placed elsewhere."""

    def __post_init__(self) -> None:
        check_types(self)
        check_match("key", self.key, _KEY, "use letters, digits, '.', '_' and '-', at most 63")
        check_match("value", self.value, _VALUE, "use letters, digits, '.', '_' and '-', at most 63")
        check_choice("effect", self.effect, _EFFECTS)


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """A group of like machines that EKS creates, replaces and updates.

    Raises:
        InvalidArgument: types of two processor architectures, sizes out of order, or a bad label or taint.
    """

    instance_types: tuple[str, ...] = ("m7i.large",)
    """Types of machines, in the order of preference; several help to find spot capacity."""
    minimum: int = 3
    """Fewest machines: 0 to 450."""
    desired: int = 3
    """Machines to begin with; what scales the group may choose another number later."""
    maximum: int = 9
    """Most machines: 1 to 450."""
    disk: int = 50
    """Size of each machine's disk in GiB: 20 to 16384."""
    spot: bool = False
    """Whether the machines are spare capacity, which is cheap and may be taken away within two minutes."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the nodes in Kubernetes."""
    taints: tuple[Taint, ...] = ()
    """Taints of the nodes in Kubernetes."""

    def __post_init__(self) -> None:
        check_types(self)
        types = self.instance_types
        check(bool(types), "instance_types", types, "name at least one type")
        for one in types:
            known = _INSTANCE_TYPE.fullmatch(one) is not None
            check(known, "instance_types", one, "use types such as m7i.large")
        alike = len({_is_arm(one) for one in types}) == 1
        check(alike, "instance_types", types, "use types of one processor architecture in a group")
        check_range("minimum", self.minimum, 0, 450, "machines")
        check_range("maximum", self.maximum, max(1, self.minimum), 450, "machines")
        check_range("desired", self.desired, self.minimum, self.maximum, "machines")
        check_range("disk", self.disk, 20, 16_384, "GiB")
        for key, value in self.labels.items():
            check_match("labels", key, _KEY, "use keys of letters, digits, '.', '_' and '-', at most 63")
            check_match(
                "labels", value, _VALUE, "use values of letters, digits, '.', '_' and '-', at most 63"
            )

    @property
    def ami_type(self) -> str:
        """The image that fits the machines, in EKS's words."""
        return _AMI[_is_arm(self.instance_types[0])]


def check_node_groups(groups: Mapping[str, NodeGroup]) -> None:
    """Refuse what is no mapping of labels to node groups."""
    check(bool(groups), "node_groups", groups, "give at least one group, as in {'general': NodeGroup()}")
    for key in groups:
        check_match("node_groups", key, _LABEL, "name each group by a label such as general")


def _is_arm(instance_type: str) -> bool:
    """Whether a type has a Graviton processor: its family says `g` behind the generation, as in m7gd."""
    found = _INSTANCE_TYPE.fullmatch(instance_type)
    return (found is not None and "g" in found[1]) or instance_type.startswith("a1.")
