"""Who may talk to a cluster, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.argument_types import check_types
from components.checks import check, check_match

_RESERVED = ("system:", "eks:", "aws:", "amazon:", "iam:")


@dataclass(frozen=True, kw_only=True)
class Admission:
    """An IAM role that is let into a cluster; what it may do there is said by RBAC, for its groups.

    Example:
        >>> Admission(role_arn=developers.arn, groups=("understudy-feature-x-developers",))

    Raises:
        InvalidArgument: no group, or one that belongs to Kubernetes or AWS.
    """

    role_arn: pulumi.Input[str]
    """ARN of the role; a cluster admits a role once."""
    groups: tuple[str, ...]
    """Groups of the role's users in Kubernetes, for role bindings to name."""

    def __post_init__(self) -> None:
        check_types(self)
        check(bool(self.groups), "groups", self.groups, "name at least one group")
        for group in self.groups:
            check_match(
                "groups", group, r"[A-Za-z0-9][A-Za-z0-9:._-]{0,62}", "use letters, digits and hyphens"
            )
            check(not group.startswith(_RESERVED), "groups", group, "use a group of your own, bound by RBAC")


def check_admissions(admissions: Mapping[str, Admission]) -> None:
    """Refuse what is no mapping of labels to admissions."""
    for key in admissions:
        check_match("admissions", key, r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "use labels such as developers")
