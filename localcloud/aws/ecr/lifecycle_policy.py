"""Rules by which a repository drops images."""

from __future__ import annotations

from typing import Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import policy_document
from localcloud.aws.ecr.repository import GONE
from localcloud.fields import JsonText, Text
from localcloud.resource import Operation, Properties

_GONE: Final = (*GONE, "LifecyclePolicyNotFoundException")


class LifecyclePolicy(AwsType):
    """The lifecycle policy of a repository; its id is the repository's name."""

    token = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    source = read_from("ecr/lifecycle_policy.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    service = "ecr"
    inputs = {
        "policy": JsonText(required=True, force_new=True, check=policy_document),
        "repository": Text(required=True, force_new=True),
    }
    outputs = ("registryId",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        self.client(inputs).put_lifecycle_policy(
            repositoryName=inputs["repository"], lifecyclePolicyText=inputs["policy"]
        )
        return inputs["repository"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        live = attempt(_GONE, self.client(state).get_lifecycle_policy, repositoryName=identity)
        if live is None:
            return None
        found = {
            "policy": live["lifecyclePolicyText"],
            "registryId": live["registryId"],
            "repository": live["repositoryName"],
        }
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing to do: every input forces a replacement."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(_GONE, self.client(state).delete_lifecycle_policy, repositoryName=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        live = attempt(_GONE, self.client(inputs).get_lifecycle_policy, repositoryName=inputs["repository"])
        return None if live is None else inputs["repository"]
