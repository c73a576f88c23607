"""Subscriptions to topics."""

from __future__ import annotations

from typing import Any, Final

from localcloud.aws.base import AwsType, attempt, read_from
from localcloud.aws.checks import arn
from localcloud.aws.sns.topic import GONE
from localcloud.fields import Failures, Flag, JsonText, Text
from localcloud.resource import LocalError, Operation, Properties
from localcloud.values import UNKNOWN

# What the official provider takes (internal/service/sns/enum.go).
_PROTOCOLS: Final = (
    "application",
    "email",
    "email-json",
    "firehose",
    "http",
    "https",
    "lambda",
    "sms",
    "sqs",
)

_ATTRIBUTES: Final = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
# How an attribute is taken away; the service takes no empty text for these.
_EMPTY: Final = {"filterPolicy": "{}", "redrivePolicy": "{}"}


class TopicSubscription(AwsType):
    """A subscription; its id is its ARN."""

    token = "aws:sns/topicSubscription:TopicSubscription"
    source = read_from("sns/topic_subscription.go", "04a2e6e5bc625ec85ea8c678219b483fc674877e")
    service = "sns"
    inputs = {
        "deliveryPolicy": JsonText(),
        "endpoint": Text(required=True, force_new=True),
        "filterPolicy": JsonText(),
        "filterPolicyScope": Text(computed=True, choices=("MessageAttributes", "MessageBody")),
        "protocol": Text(required=True, force_new=True, choices=_PROTOCOLS),
        "rawMessageDelivery": Flag(default=False),
        "redrivePolicy": JsonText(),
        "subscriptionRoleArn": Text(check=arn),
        "topic": Text(required=True, force_new=True, check=arn),
    }
    outputs = ("arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation")

    def validate(self, inputs: Properties) -> Failures:
        failures: Failures = []
        protocol = inputs.get("protocol")
        if protocol == "firehose" and inputs.get("subscriptionRoleArn") is None:
            failures.append(("subscriptionRoleArn", "is required for the protocol firehose"))
        if protocol not in ("firehose", UNKNOWN) and inputs.get("subscriptionRoleArn") is not None:
            failures.append(("subscriptionRoleArn", "goes with the protocol firehose only"))
        return failures

    def make(self, operation: Operation, inputs: Properties) -> str:
        # Subscribing twice gives the first subscription again, which may belong to somebody else.
        if self.find(operation, inputs) is not None:
            raise LocalError(
                f"{inputs['endpoint']} is subscribed to {inputs['topic']} already; import that subscription"
            )
        given = {
            theirs: _text(inputs[key])
            for key, theirs in _ATTRIBUTES.items()
            if inputs.get(key) not in (None, False)
        }
        answer = self.client(inputs).subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=given,
            ReturnSubscriptionArn=True,
        )
        return answer["SubscriptionArn"]

    def fetch(self, operation: Operation, identity: str, state: Properties) -> Properties | None:
        answer = attempt(GONE, self.client(state).get_subscription_attributes, SubscriptionArn=identity)
        if answer is None:
            return None
        live = answer["Attributes"]
        found: Properties = {key: live.get(theirs) or None for key, theirs in _ATTRIBUTES.items()}
        found |= {
            "arn": identity,
            "confirmationWasAuthenticated": live.get("ConfirmationWasAuthenticated") == "true",
            "endpoint": live.get("Endpoint"),
            "ownerId": live.get("Owner"),
            "pendingConfirmation": live.get("PendingConfirmation") == "true",
            "protocol": live.get("Protocol"),
            "rawMessageDelivery": live.get("RawMessageDelivery") == "true",
            "topic": live.get("TopicArn"),
        }
        if not found["filterPolicy"]:
            found["filterPolicyScope"] = state.get("filterPolicyScope")
        return self.live(state, found)

    def modify(self, operation: Operation, identity: str, old: Properties, new: Properties) -> None:
        client = self.client(new)
        for key, theirs in _ATTRIBUTES.items():
            value, spec = new.get(key), self.inputs[key]
            if spec.same(old.get(key), value) or (value is None and spec.computed):
                continue
            client.set_subscription_attributes(
                SubscriptionArn=identity,
                AttributeName=theirs,
                AttributeValue=_text(value) or _EMPTY.get(key, ""),
            )

    def remove(self, operation: Operation, identity: str, state: Properties) -> None:
        attempt(GONE, self.client(state).unsubscribe, SubscriptionArn=identity)

    def find(self, operation: Operation, inputs: Properties) -> str | None:
        pages = self.client(inputs).get_paginator("list_subscriptions_by_topic")
        wanted = (inputs["protocol"], inputs["endpoint"])
        listed = attempt(GONE, lambda: list(pages.paginate(TopicArn=inputs["topic"]))) or []
        found = (each for page in listed for each in page["Subscriptions"])
        return next(
            (each["SubscriptionArn"] for each in found if (each["Protocol"], each["Endpoint"]) == wanted),
            None,
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
