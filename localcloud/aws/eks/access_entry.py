"""Access entries of EKS."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import attempt, read_from
from localcloud.aws.checks import arn, rfc3339
from localcloud.aws.eks.base import CLUSTER_NAME, CLUSTER_NAME_LIMIT, GONE, EksType, parts
from localcloud.fields import SetOf, Text
from localcloud.resource import Operation, Properties

_TYPES: Final = ("EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "STANDARD")


class AccessEntry(EksType):
    """Lets an IAM principal into a cluster as a user in some groups. Its id is ``<cluster>:<principal>``."""

    token = "aws:eks/accessEntry:AccessEntry"
    source = read_from("eks/access_entry.go", "01f431114674c27cf790fafb67ac274bf8f765e1")
    taggable = True
    arn_output = "accessEntryArn"
    inputs = {
        "clusterName": Text(
            required=True, force_new=True, max_length=CLUSTER_NAME_LIMIT, pattern=CLUSTER_NAME
        ),
        "kubernetesGroups": SetOf(computed=True, element=Text()),
        "principalArn": Text(required=True, force_new=True, check=arn),
        "type": Text(default="STANDARD", force_new=True, choices=_TYPES),
        "userName": Text(computed=True),
    }
    outputs = ("accessEntryArn", "createdAt", "modifiedAt")
    volatile = ("modifiedAt",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        optional = {"kubernetesGroups": "kubernetesGroups", "username": "userName"}
        self.client(inputs).create_access_entry(
            clusterName=inputs["clusterName"],
            principalArn=inputs["principalArn"],
            type=inputs["type"],
            tags=self.wanted_tags(inputs),
            **{name: inputs[key] for name, key in optional.items() if inputs.get(key)},
        )
        return f"{inputs['clusterName']}:{inputs['principalArn']}"

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = self._describe(identity, state)
        if live is None:
            return None
        found: Properties = {
            "accessEntryArn": live["accessEntryArn"],
            "clusterName": live["clusterName"],
            "createdAt": rfc3339(live.get("createdAt")),
            "kubernetesGroups": live.get("kubernetesGroups") or [],
            "modifiedAt": rfc3339(live.get("modifiedAt")),
            "principalArn": live["principalArn"],
            "type": live.get("type"),
            "userName": live.get("username"),
        }
        return self.live(state, found, live.get("tags"))

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        cluster, principal = parts(identity)
        change: dict[str, Any] = {}
        if new.get("kubernetesGroups") is not None:
            change["kubernetesGroups"] = new["kubernetesGroups"]
        if new.get("userName"):
            change["username"] = new["userName"]
        self.client(new).update_access_entry(clusterName=cluster, principalArn=principal, **change)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        cluster, principal = parts(identity)
        attempt(GONE, self.client(state).delete_access_entry, clusterName=cluster, principalArn=principal)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        identity = f"{inputs['clusterName']}:{inputs['principalArn']}"
        return identity if self._describe(identity, inputs) else None

    def _describe(self, identity: str, properties: Properties) -> dict[str, Any] | None:
        cluster, principal = parts(identity)
        call = self.client(properties).describe_access_entry
        answer = attempt(GONE, call, clusterName=cluster, principalArn=principal)
        return None if answer is None else answer["accessEntry"]
