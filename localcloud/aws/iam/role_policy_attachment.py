"""Which managed policies a role has."""

from __future__ import annotations

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.iam.role import NOT_FOUND
from localcloud.fields import Text
from localcloud.resource import LocalError, Operation, Properties


class RolePolicyAttachment(AwsType):
    """A managed policy attached to an IAM role; its id is ``<role>/<policy ARN>``."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    source = read_from("iam/role_policy_attachment.go", "04c79849dbe7fbe76c3054b364357bcdaade9ac5")
    service = "iam"
    regional = False
    inputs = {
        "policyArn": Text(required=True, force_new=True),
        "role": Text(required=True, force_new=True),
    }

    def make(self, operation: Operation, inputs: Properties) -> str:
        self.client(inputs).attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return _identity(inputs)

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        role, _, policy = identity.partition("/")
        if not role or not policy:
            raise LocalError(f"{identity!r} is no id of an attachment: it must be <role name>/<policy ARN>")
        return {"policyArn": policy, "role": role} if self._attached(state, role, policy) else None

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        """Nothing of an attachment can change in place."""

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        role, _, policy = identity.partition("/")
        attempt(NOT_FOUND, self.client(state).detach_role_policy, RoleName=role, PolicyArn=policy)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        attached = self._attached(inputs, inputs["role"], inputs["policyArn"])
        return _identity(inputs) if attached else None

    def _attached(self, properties: Properties, role: str, policy: str) -> bool:
        client, marker = self.client(properties), {}
        while True:
            answer = attempt(NOT_FOUND, client.list_attached_role_policies, RoleName=role, **marker)
            if answer is None:
                return False
            if any(each["PolicyArn"] == policy for each in answer["AttachedPolicies"]):
                return True
            if not answer.get("IsTruncated"):
                return False
            marker = {"Marker": answer["Marker"]}


def _identity(inputs: Properties) -> str:
    return f"{inputs['role']}/{inputs['policyArn']}"
