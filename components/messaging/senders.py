"""Who else may send to a queue: statements of its policy, and of the key that encrypts it."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.access import Statement
from components.checks import check_match

_SNS = "sns.amazonaws.com"


def check_senders(senders: Mapping[str, Any]) -> None:
    """Refuse a key that no statement could be named after."""
    for key in senders:
        mend = "use keys of a-z, 0-9 and single hyphens, each word with a letter first"
        check_match("senders", key, r"[a-z][a-z0-9]{0,62}(-[a-z][a-z0-9]{0,62}){0,7}", mend)


def topic_statement(key: str, topic_arn: pulumi.Input[str], queue_arn: pulumi.Input[str]) -> Statement:
    """Let SNS send to a queue on behalf of one topic, and of no other."""
    # "orders-paid" and "orderspaid" share no id: a capital tells where a hyphen was.
    words = "".join(word.capitalize() for word in key.split("-"))
    return {
        "Sid": f"SendFrom{words}",
        "Effect": "Allow",
        "Principal": {"Service": _SNS},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }


def delivery_key_statement(account_id: pulumi.Input[str]) -> Statement:
    """Let the account's topics deliver to queues that a key encrypts: a statement of that key's policy.

    Without it SNS drops what it should deliver. The key comes before topic and queue, so it names the
    account:
    https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
    """
    return {
        "Sid": "TopicsDeliver",
        "Effect": "Allow",
        "Principal": {"Service": _SNS},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
