"""Policies of topics, apart from the topic."""

from __future__ import annotations

import json
from typing import Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.sns.topic import GONE
from localcloud.fields import JsonText, Text
from localcloud.resource import Operation, Properties

_POLICY: Final = "Policy"


class TopicPolicy(AwsType):
    """The policy of a topic; its id is the topic's ARN. Removing it brings the service's own policy back."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    source = read_from("sns/topic_policy.go", "00a35305dc1b297a6fcdecdfbba33f1e63c3da39")
    service = "sns"
    inputs = {
        "arn": Text(required=True, force_new=True, check=arn),
        "policy": JsonText(required=True),
    }
    outputs = ("owner",)

    def make(self, operation: Operation, inputs: Properties) -> str:
        self._put(inputs, inputs["arn"], inputs["policy"])
        return inputs["arn"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        answer = attempt(GONE, self.client(state).get_topic_attributes, TopicArn=identity)
        policy = answer["Attributes"].get(_POLICY) if answer else None
        if not policy or answer is None or self._is_default(policy, identity):
            return None
        return self.live(
            state, {"arn": identity, "owner": answer["Attributes"].get("Owner"), "policy": policy}
        )

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        self._put(new, identity, new["policy"])

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        if attempt(GONE, self.client(state).get_topic_attributes, TopicArn=identity) is not None:
            self._put(state, identity, json.dumps(self._default(identity)))

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        return None if self.fetch(operation, inputs["arn"], inputs) is None else inputs["arn"]

    def _put(self, properties: Properties, topic: str, policy: str) -> None:
        self.client(properties).set_topic_attributes(
            TopicArn=topic, AttributeName=_POLICY, AttributeValue=policy
        )

    def _is_default(self, policy: str, topic: str) -> bool:
        statements = json.loads(policy).get("Statement")
        ours = self._default(topic)["Statement"][0]["Sid"]
        return isinstance(statements, list) and [each.get("Sid") for each in statements] == [ours]

    def _default(self, topic: str) -> Properties:
        # What the service gives a new topic (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
        actions = (
            "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
            "Subscribe", "ListSubscriptionsByTopic", "Publish",
        )  # fmt: skip
        return {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Sid": "__default_statement_ID",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in actions],
                    "Resource": topic,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": self.session.account_id()}},
                }
            ],
        }
