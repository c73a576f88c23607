"""Local types of SNS: token -> ``module:Class``."""

from __future__ import annotations

from collections.abc import Mapping

TYPES: Mapping[str, str] = {
    "aws:sns/topic:Topic": "localcloud.aws.sns.topic:Topic",
    "aws:sns/topicPolicy:TopicPolicy": "localcloud.aws.sns.topic_policy:TopicPolicy",
    "aws:sns/topicSubscription:TopicSubscription": "localcloud.aws.sns.topic_subscription:TopicSubscription",
}
