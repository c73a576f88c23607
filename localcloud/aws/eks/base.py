"""What the EKS types share: names, tags by ARN, ids of two parts, and waiting until a thing is active."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from localcloud.aws.base import AwsType
from localcloud.aws.tags import TagChange
from localcloud.resource import LocalError, Operation, Properties

GONE: Final = ("ResourceNotFoundException",)
CLUSTER_NAME: Final = r"[0-9A-Za-z][0-9A-Za-z_-]*"
CLUSTER_NAME_LIMIT: Final = 100

_UNDER_WAY = ("CREATING", "UPDATING", "PENDING")


class EksType(AwsType):
    """A type of EKS; all of them are tagged by their ARN. `arn_output`: the property that holds it."""

    service = "eks"
    arn_output: ClassVar[str] = "arn"

    def retag(self, operation: Operation, identity: str, properties: Properties, change: TagChange) -> None:
        client, arn = self.client(properties), properties[self.arn_output]
        if change.put:
            client.tag_resource(resourceArn=arn, tags=change.put)
        if change.drop:
            client.untag_resource(resourceArn=arn, tagKeys=change.drop)

    def settle(self, operation: Operation, describe: Callable[[], dict[str, Any] | None]) -> None:
        """Wait until what `describe` returns is active; raise LocalError when it never will be."""

        def ready() -> bool:
            live = describe()
            status = live["status"] if live else "DELETED"
            if status not in (*_UNDER_WAY, "ACTIVE"):
                raise LocalError(f"{operation.name}: became {status} instead of ACTIVE{_issues(live)}")
            return status == "ACTIVE"

        operation.until(ready)


def parts(identity: str) -> tuple[str, str]:
    """Return the two parts of ``<cluster>:<name>``."""
    cluster, separator, name = identity.partition(":")
    if not separator or not cluster or not name:
        raise LocalError(f"{identity}: import it as <cluster>:<name>")
    return cluster, name


def _issues(live: dict[str, Any] | None) -> str:
    found = ((live or {}).get("health") or {}).get("issues") or []
    return "".join(f"; {issue.get('code')}: {issue.get('message')}" for issue in found)
