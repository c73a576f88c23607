"""Cases of the SNS types."""

from __future__ import annotations

import json

from lifecycle import Case, Inputs, World

TOPIC = "aws:sns/topic:Topic"
QUEUE = "aws:sqs/queue:Queue"


def _topic(world: World) -> str:
    arn, _ = world.make(TOPIC, {"name": world.unique("topic")})
    return arn


def _policy(world: World, topic: str, action: str = "SNS:Publish") -> str:
    principal = {"AWS": f"arn:aws:iam::{world.account}:root"}
    statement = {"Sid": "a", "Effect": "Allow", "Principal": principal, "Action": action, "Resource": topic}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _with_policy(world: World) -> Inputs:
    topic = _topic(world)
    return {"arn": topic, "policy": _policy(world, topic)}


def _subscription(world: World) -> Inputs:
    _, queue = world.make(QUEUE, {"name": world.unique("subscriber")})
    return {
        "topic": _topic(world),
        "protocol": "sqs",
        "endpoint": queue["arn"],
        "filterPolicy": json.dumps({"kind": ["order"]}),
        "rawMessageDelivery": True,
    }


def _set_topic(world: World, arn: str, name: str, value: str) -> None:
    world.client("sns").set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)


CASES = [
    Case(
        token=TOPIC,
        create=lambda w: {"name": w.unique("topic"), "displayName": "One", "tags": {"a": "b"}},
        update=lambda _w, i: {
            **i,
            "displayName": "Two",
            "kmsMasterKeyId": "alias/aws/sns",
            "tags": {"c": "d"},
        },
        replace=lambda w, i: {**i, "name": w.unique("other")},
        drift=lambda w, arn, _s: _set_topic(w, arn, "DisplayName", "Three"),
        drifted="displayName",
        vanish=lambda w, arn, _s: w.client("sns").delete_topic(TopicArn=arn),
        bad=[
            ({"name": "a b"}, "name"),
            ({"fifoTopic": True}, "name"),
            ({"contentBasedDeduplication": True}, "contentBasedDeduplication"),
            ({"signatureVersion": 3}, "signatureVersion"),
            ({"tracingConfig": "On"}, "tracingConfig"),
            ({"deliveryPolicy": "{"}, "deliveryPolicy"),
        ],
    ),
    Case(
        token="aws:sns/topicPolicy:TopicPolicy",
        create=_with_policy,
        update=lambda w, i: {**i, "policy": _policy(w, i["arn"], "SNS:Subscribe")},
        replace=lambda w, i: {**i, "arn": _topic(w)},
        drift=lambda w, arn, _s: _set_topic(w, arn, "Policy", _policy(w, arn, "SNS:GetTopicAttributes")),
        drifted="policy",
        vanish=lambda w, arn, _s: w.client("sns").delete_topic(TopicArn=arn),
        bad=[({"arn": "topic"}, "arn"), ({"policy": "{"}, "policy")],
    ),
    Case(
        token="aws:sns/topicSubscription:TopicSubscription",
        create=_subscription,
        update=lambda _w, i: {
            **i,
            "filterPolicy": json.dumps({"kind": ["reply"]}),
            "rawMessageDelivery": False,
        },
        replace=lambda w, i: {**i, "topic": _topic(w)},
        drift=lambda w, arn, _s: w.client("sns").set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="RawMessageDelivery", AttributeValue="true"
        ),
        drifted="rawMessageDelivery",
        vanish=lambda w, arn, _s: w.client("sns").unsubscribe(SubscriptionArn=arn),
        bad=[
            ({"protocol": "pigeon"}, "protocol"),
            ({"topic": "t"}, "topic"),
            ({"protocol": "firehose"}, "subscriptionRoleArn"),
        ],
    ),
]
