"""Who may use a secret."""

from __future__ import annotations

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.secretsmanager.secret import NOT_FOUND
from localcloud.fields import Flag, JsonText, Text
from localcloud.resource import Operation, Properties


class SecretPolicy(AwsType):
    """The resource policy of a secret; its id is the secret's ARN."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"
    source = read_from("secretsmanager/secret_policy.go", "01c08000ddb14181b5bd19201d8fca311dc570e4")
    service = "secretsmanager"
    inputs = {
        "blockPublicPolicy": Flag(write_only=True),
        "policy": JsonText(required=True),
        "secretArn": Text(required=True, force_new=True, check=arn),
    }

    def make(self, operation: Operation, inputs: Properties) -> str:
        arguments = {"SecretId": inputs["secretArn"], "ResourcePolicy": inputs["policy"]}
        if inputs.get("blockPublicPolicy") is not None:
            arguments["BlockPublicPolicy"] = inputs["blockPublicPolicy"]
        return self.client(inputs).put_resource_policy(**arguments)["ARN"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        policy = self._policy(state, identity)
        return self.live(state, {"policy": policy, "secretArn": identity}) if policy else None

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self.make(operation, new)

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(NOT_FOUND, self.client(state).delete_resource_policy, SecretId=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        policy = self._policy(inputs, inputs["secretArn"])
        return (
            inputs["secretArn"] if policy and self.inputs["policy"].same(policy, inputs["policy"]) else None
        )

    def _policy(self, properties: Properties, secret: str) -> str | None:
        answer = attempt(NOT_FOUND, self.client(properties).get_resource_policy, SecretId=secret)
        return (answer or {}).get("ResourcePolicy")
