"""Queues and topics: nothing is lost, nothing is worked on twice, and only who should may send."""

import json
import math
import re
from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import Run, run

from components import naming
from components.checks import InvalidArgument
from components.messaging import (
    FanOut,
    FanOutArgs,
    Queue,
    QueueArgs,
    Subscriber,
    Subscription,
    SubscriptionArgs,
    Topic,
    TopicArgs,
    delivery_key_statement,
)
from components.messaging.filters import ATTRIBUTES, BODY, check_filter

KEY = "arn:aws:kms:eu-west-1:123456789012:key/data"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders"


def built(component: type[Any], **changes: Any) -> Run:
    return run(lambda: examples.make(component, **changes))


def queue_args(**changes: Any) -> QueueArgs:
    return QueueArgs(**{"context": examples.context(), **changes})


def statements(policy: Any) -> list[dict[str, Any]]:
    return json.loads(policy.inputs["policy"])["Statement"]


@pytest.mark.parametrize(
    ("high", "scope", "rate"), [(False, "queue", "perQueue"), (True, "messageGroup", "perMessageGroupId")]
)
def test_a_fifo_queue_has_fifo_dead_letters(high: bool, scope: str, rate: str) -> None:
    queue = built(Queue, fifo=True, content_deduplication=True, high_throughput=high)
    for one in queue.of("sqs/queue:Queue"):
        assert one.inputs["fifoQueue"] is True
        assert one.inputs["name"].endswith(".fifo") and len(one.inputs["name"]) <= 80
        assert one.inputs["contentBasedDeduplication"] is True
        assert (one.inputs["deduplicationScope"], one.inputs["fifoThroughputLimit"]) == (scope, rate)
    assert len(queue.of("sqs/queue:Queue")) == 2


def test_a_standard_queue_names_nothing_of_fifo() -> None:
    for one in built(Queue).of("sqs/queue:Queue"):
        assert not {"fifoQueue", "deduplicationScope", "fifoThroughputLimit"} & set(one.inputs)


@given(st.from_regex(r"[a-z][a-z0-9]{0,40}(-[a-z0-9]{1,20}){0,5}", fullmatch=True), st.booleans())
def test_a_queue_s_name_is_one_that_sqs_takes(name: str, fifo: bool) -> None:
    limit = naming.SQS_FIFO_QUEUE if fifo else naming.SQS_QUEUE
    for kind in ("queue", "dlq"):
        assert limit.accepts(examples.context("a" * 32).name(limit, name, kind))


def test_topics_send_by_the_one_policy_of_a_queue() -> None:
    queue = built(Queue, senders={"orders-paid": TOPIC, "orderspaid": f"{TOPIC}2"})
    policies = queue.of("QueuePolicy")
    assert {one.name for one in policies} == {"orders-policy", "orders-dead-letter-policy"}
    for policy in policies:
        denial, *allowed = statements(policy)
        assert denial["Effect"] == "Deny"
        assert len({one["Sid"] for one in allowed}) == 2
        first = allowed[0]
        assert first["Principal"] == {"Service": "sns.amazonaws.com"}
        assert first["Action"] == "sqs:SendMessage"
        assert first["Condition"] == {"ArnEquals": {"aws:SourceArn": TOPIC}}
        assert first["Resource"].endswith("-queue" if policy.name == "orders-policy" else "-dlq")


def test_alarms_of_a_queue_name_owner_and_runbook() -> None:
    alarms = built(Queue, runbook="https://wiki.example.com/queues").of("MetricAlarm")
    watched = {one.name: one.inputs["dimensions"]["QueueName"].rsplit("-")[-1] for one in alarms}
    assert watched == {"orders-oldest-alarm": "queue", "orders-dead-alarm": "dlq"}
    for alarm in alarms:
        assert "Owner: payments. Runbook: https://wiki.example.com/queues" in alarm.inputs["alarmDescription"]


numbers = st.one_of(st.integers(-1, 100), st.integers(0, 2_000_000))


@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            "fifo": st.booleans(),
            "content_deduplication": st.booleans(),
            "high_throughput": st.booleans(),
            "visibility_timeout": numbers,
            "consumer_timeout": st.none() | numbers,
            "retention": numbers,
            "dead_letter_retention": numbers,
            "receive_wait": numbers,
            "delay": numbers,
            "max_message_size": numbers,
            "max_receives": numbers,
            "oldest_message_alarm": numbers,
        },
    )
)
def test_sqs_takes_whatever_is_accepted(fields: dict[str, Any]) -> None:
    try:
        args = queue_args(**fields)
    except InvalidArgument as problem:
        assert problem.field in QueueArgs.__dataclass_fields__
        return
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    assert 0 <= args.visibility_timeout <= 43_200
    assert 60 <= args.retention <= args.dead_letter_retention <= 1_209_600
    assert 0 <= args.receive_wait <= 20
    assert 0 <= args.delay <= 900
    assert 1024 <= args.max_message_size <= 1_048_576
    assert 1 <= args.max_receives <= 1000
    assert args.fifo or not (args.content_deduplication or args.high_throughput)
    # A message is a dead letter before it is gone, and an alarm comes before it is, too.
    assert args.delay + args.max_receives * args.visibility_timeout < args.retention
    assert args.oldest_message_alarm < args.retention
    assert args.consumer_timeout is None or args.consumer_timeout < args.visibility_timeout


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("visibility_timeout", {"consumer_timeout": 60}),
        ("consumer_timeout", {"consumer_timeout": 0}),
        ("retention", {"retention": 300, "oldest_message_alarm": 60}),
        ("oldest_message_alarm", {"retention": 900}),
        ("content_deduplication", {"content_deduplication": True}),
        ("high_throughput", {"high_throughput": True}),
        ("delay", {"delay": 901}),
        ("max_message_size", {"max_message_size": 1023}),
        ("runbook", {"runbook": "ask Ann"}),
        ("senders", {"senders": {"Orders": TOPIC}}),
        ("senders", {"senders": {"a-1": TOPIC}}),
    ],
)
def test_a_queue_that_would_go_wrong_is_refused(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match=f"^{re.escape(field)} is "):
        queue_args(**changes)


@pytest.mark.parametrize(("key", "used"), [(None, "alias/aws/sns"), (KEY, KEY)])
def test_a_topic_is_encrypted_and_refuses_plain_text(key: str | None, used: str) -> None:
    topic = built(Topic, kms_key_arn=key)
    assert topic.one("sns/topic:Topic").inputs["kmsMasterKeyId"] == used
    (denial,) = statements(topic.one("TopicPolicy"))
    assert (denial["Effect"], denial["Action"]) == ("Deny", "sns:Publish")
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_fifo_topic_is_named_as_one() -> None:
    topic = built(Topic, fifo=True, content_deduplication=True).one("sns/topic:Topic").inputs
    assert (
        topic["name"].endswith(".fifo") and topic["fifoTopic"] is topic["contentBasedDeduplication"] is True
    )
    with pytest.raises(InvalidArgument, match=r"^content_deduplication is "):
        TopicArgs(context=examples.context(), content_deduplication=True)


def test_whoever_publishes_gets_the_key_as_well() -> None:
    found: list[Any] = []
    run(lambda: found.extend(examples.make(Topic, kms_key_arn=KEY).grant_publish("Publish")))
    assert [grant.actions for grant in found] == [("sns:Publish",), ("kms:Decrypt", "kms:GenerateDataKey")]


def test_the_key_lets_topics_of_the_account_deliver() -> None:
    statement = delivery_key_statement("123456789012")
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_subscription_filters_and_keeps_what_was_not_delivered() -> None:
    one = built(Subscription).one("TopicSubscription").inputs
    assert json.loads(one["filterPolicy"]) == {"kind": ["order"]}
    assert one["filterPolicyScope"] == "MessageAttributes" and one["rawMessageDelivery"] is True
    assert json.loads(one["redrivePolicy"])["deadLetterTargetArn"].endswith(":dead")
    plain = built(Subscription, filter=None).one("TopicSubscription").inputs
    assert not {"filterPolicy", "filterPolicyScope"} & set(plain)


def test_a_fan_out_lets_its_topic_send_before_it_subscribes() -> None:
    fan_out = built(FanOut)
    topic = fan_out.one("sns/topic:Topic").inputs["name"]
    assert len(fan_out.of("QueuePolicy")) == len(fan_out.of("sqs/queue:Queue")) == 4
    for policy in fan_out.of("QueuePolicy"):
        (allowed,) = statements(policy)[1:]
        assert allowed["Condition"]["ArnEquals"]["aws:SourceArn"].endswith(topic)
    for key in ("billing", "search"):
        one = fan_out.one("TopicSubscription", f"orders-{key}-subscription")
        assert f"{key}" in one.inputs["endpoint"]
        assert [each for each in one.depends_on if "QueuePolicy" in each and f"orders-{key}-policy" in each]
        assert json.loads(one.inputs["redrivePolicy"])["deadLetterTargetArn"].split("-")[-2] == "dlq"


def test_a_fan_out_s_queues_are_handed_out_by_key() -> None:
    fan_out = built(FanOut)
    urls = (fan_out.one("understudy:messaging:FanOut").outputs or {})["queueUrls"]
    assert set(urls) == {"billing", "search"}
    assert (
        urls["billing"].endswith("understudy-feature-x-orders-billing-queue-") or "billing" in urls["billing"]
    )


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("subscribers", {"subscribers": {}}),
        ("subscribers", {"subscribers": {"Billing": Subscriber(queue=queue_args())}}),
        ("subscribers[a][queue][fifo]", {"subscribers": {"a": Subscriber(queue=queue_args(fifo=True))}}),
        ("subscribers[a][queue][fifo]", {"fifo": True, "subscribers": {"a": Subscriber(queue=queue_args())}}),
        (
            "subscribers[a][queue][senders]",
            {"subscribers": {"a": Subscriber(queue=queue_args(senders={"topic": TOPIC}))}},
        ),
        ("content_deduplication", {"content_deduplication": True}),
    ],
)
def test_a_fan_out_that_sns_would_refuse_is_refused(field: str, changes: dict[str, Any]) -> None:
    valid = examples.EXAMPLES[FanOut][1]()
    with pytest.raises(InvalidArgument, match=f"^{re.escape(field)} is "):
        FanOutArgs(**{"context": examples.context(), **valid, **changes})


GOOD = [
    ({"kind": ["order"]}, ATTRIBUTES),
    ({"kind": ["order", {"prefix": "return-"}, {"suffix": "-late"}]}, ATTRIBUTES),
    ({"price": [{"numeric": [">=", 0, "<", 100.5]}], "kind": [{"anything-but": ["a", "b"]}]}, ATTRIBUTES),
    ({"kind": [{"exists": False}], "n": [1, {"anything-but": [1, 2]}]}, ATTRIBUTES),
    ({"kind": [{"equals-ignore-case": "Order"}, {"anything-but": {"prefix": "x"}}]}, ATTRIBUTES),
    ({"order": {"paid": [True, None], "lines": {"sku": ["a"]}}}, BODY),
    ({"a": {"b": {"c": ["1", "2", "3", "4"]}}, "d": {"e": ["1", "2"]}, "f": ["1", "2", "3"]}, BODY),
]


@pytest.mark.parametrize(("policy", "scope"), GOOD)
def test_a_documented_filter_is_taken(policy: dict[str, Any], scope: str) -> None:
    check_filter("filter", policy, scope)


@pytest.mark.parametrize(
    ("policy", "scope"),
    [
        ({}, ATTRIBUTES),
        ({"kind": "order"}, ATTRIBUTES),
        ({"kind": []}, ATTRIBUTES),
        ({"": ["order"]}, ATTRIBUTES),
        ({1: ["order"]}, ATTRIBUTES),
        ({"kind": [True]}, ATTRIBUTES),
        ({"kind": [None]}, ATTRIBUTES),
        ({"kind": [["order"]]}, ATTRIBUTES),
        ({"kind": {"inner": ["order"]}}, ATTRIBUTES),
        ({"kind": {}}, BODY),
        ({"$or": [{"a": ["b"]}]}, BODY),
        ({"kind": [{"like": "order"}]}, ATTRIBUTES),
        ({"kind": [{"prefix": "a", "suffix": "b"}]}, ATTRIBUTES),
        ({"kind": [{"prefix": ""}]}, ATTRIBUTES),
        ({"kind": [{"prefix": 1}]}, ATTRIBUTES),
        ({"kind": [{"exists": "no"}]}, ATTRIBUTES),
        ({"kind": [{"anything-but": []}]}, ATTRIBUTES),
        ({"kind": [{"anything-but": ["a", 1]}]}, ATTRIBUTES),
        ({"price": [{"numeric": ["=", "1"]}]}, ATTRIBUTES),
        ({"price": [{"numeric": ["==", 1]}]}, ATTRIBUTES),
        ({"price": [{"numeric": [">", 1, "<", 1]}]}, ATTRIBUTES),
        ({"price": [{"numeric": ["<", 1, ">", 5]}]}, ATTRIBUTES),
        ({"price": [{"numeric": [">", 1, "<"]}]}, ATTRIBUTES),
        ({"price": [1e10]}, ATTRIBUTES),
        ({"price": [float("nan")]}, ATTRIBUTES),
        ({"price": [0.000001]}, ATTRIBUTES),
        ({f"k{number}": ["a"] for number in range(6)}, ATTRIBUTES),
        ({"a": [str(n) for n in range(16)], "b": [str(n) for n in range(10)]}, ATTRIBUTES),
        ({"a": {"b": {"c": ["1", "2", "3", "4"]}}, "d": {"e": ["1", "2", "3"]}, "f": ["1", "2", "3"]}, BODY),
        ({"kind": ["a" * 300_000]}, ATTRIBUTES),
    ],
)
def test_a_filter_that_sns_would_refuse_is_refused(policy: Any, scope: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^filter"):
        check_filter("filter", policy, scope)


def test_a_filter_needs_a_scope_that_fits() -> None:
    valid = {"context": examples.context(), **examples.EXAMPLES[Subscription][1]()}
    for changes in ({"filter_scope": "Header"}, {"filter": None, "filter_scope": BODY}):
        with pytest.raises(InvalidArgument, match=r"^filter_scope is "):
            SubscriptionArgs(**{**valid, **changes})


def test_a_filter_that_holds_itself_is_refused() -> None:
    policy: dict[str, Any] = {}
    policy["a"] = policy
    with pytest.raises(InvalidArgument, match=r"^filter"):
        check_filter("filter", policy, BODY)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=5), values, max_size=7), st.sampled_from([ATTRIBUTES, BODY]))
def test_whatever_a_filter_is_it_is_taken_or_refused_by_name(policy: dict[str, Any], scope: str) -> None:
    try:
        check_filter("filter", policy, scope)
    except InvalidArgument:
        return
    assert 1 <= len(policy) <= 5
    assert "NaN" not in json.dumps(policy)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_combinations_are_the_product_of_each_key_s_values(sizes: list[int]) -> None:
    policy = {f"k{place}": [str(one) for one in range(size)] for place, size in enumerate(sizes)}
    if math.prod(sizes) <= 150:
        check_filter("filter", policy, ATTRIBUTES)
    else:
        with pytest.raises(InvalidArgument, match="combinations"):
            check_filter("filter", policy, ATTRIBUTES)
