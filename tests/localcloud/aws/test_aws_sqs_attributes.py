"""Writing attributes of a queue to a service that forgets the policy whenever it is not sent along."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from localcloud.aws.session import AwsSession
from localcloud.aws.sqs import attributes

URL = "http://127.0.0.1:5000/123456789012/q"


class ForgetfulQueue:
    """Drops the policy on a write without it, as moto does, and is slow enough to be raced."""

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.tags: dict[str, str] = {}

    def get_queue_attributes(self, **_given: Any) -> dict[str, Any]:
        found = dict(self.attributes)
        time.sleep(0.02)
        return {"Attributes": found}

    def set_queue_attributes(self, *, Attributes: dict[str, str], **_given: Any) -> None:
        self.attributes.pop("Policy", None)
        self.attributes |= Attributes

    def tag_queue(self, *, Tags: dict[str, str], **_given: Any) -> None:
        self.tags |= Tags

    def untag_queue(self, *, TagKeys: list[str], **_given: Any) -> None:
        for key in TagKeys:
            self.tags.pop(key, None)


def test_writes_at_once_keep_the_policy() -> None:
    session, queue = AwsSession(), ForgetfulQueue()
    changes = [*({f"Other{number}": "1"} for number in range(5)), {"Policy": "{}"}]
    with ThreadPoolExecutor(max_workers=len(changes)) as pool:
        list(pool.map(lambda each: attributes.write(session, queue, URL, each), changes))
    assert queue.attributes["Policy"] == "{}"
    assert len(queue.attributes) == 6


def test_policy_can_be_taken_away() -> None:
    session, queue = AwsSession(), ForgetfulQueue()
    attributes.write(session, queue, URL, {"Policy": "{}"})
    attributes.write(session, queue, URL, {"Policy": ""})
    assert not queue.attributes["Policy"]


def test_allowed_sources_are_kept_in_a_tag() -> None:
    session, queue = AwsSession(), ForgetfulQueue()
    attributes.write(session, queue, URL, {"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
    assert queue.tags == {attributes.ALLOW_TAG: '{"redrivePermission":"denyAll"}'}
    attributes.write(session, queue, URL, {"RedriveAllowPolicy": ""})
    assert queue.tags == {}
    assert queue.attributes == {}


@pytest.mark.parametrize(
    ("policy", "allowed"),
    [
        ({}, True),
        ({"redrivePermission": "allowAll"}, True),
        ({"redrivePermission": "denyAll"}, False),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["arn:a"]}, True),
        ({"redrivePermission": "byQueue", "sourceQueueArns": ["arn:b"]}, False),
        ({"redrivePermission": "byQueue"}, False),
    ],
)
def test_who_may_send_dead_letters(policy: dict[str, Any], allowed: bool) -> None:
    assert attributes.redrive_allowed(policy, "arn:a") is allowed
