"""What components offer to services: exact permissions, which a service can take as they are."""

from __future__ import annotations

from typing import Any

import component_examples as examples
import pytest
from pulumi_mocks import run

from components.access import Use
from components.messaging import FanOut, Topic
from components.storage import Bucket, Table

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


@pytest.mark.parametrize(
    ("kind", "offer", "actions"),
    [
        (Table, "read", {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "kms:Decrypt"}),
        (
            Table,
            "written",
            {
                "dynamodb:PutItem",
                "dynamodb:UpdateItem",
                "dynamodb:DeleteItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
                "kms:Decrypt",
            },
        ),
        (Topic, "published", {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"}),
        (FanOut, "published", {"sns:Publish", "kms:Decrypt", "kms:GenerateDataKey"}),
        (Bucket, "read", {"s3:GetObject", "kms:Decrypt"}),
    ],
)
def test_a_service_is_offered_exactly_these_actions(kind: type[Any], offer: str, actions: set[str]) -> None:
    found: list[Use] = []
    run(lambda: found.append(getattr(examples.make(kind, kms_key_arn=KEY), offer)()))
    (use,) = found
    assert {action for grant in use.grants for action in grant.actions} == actions
    assert use.subject
    assert len({grant.sid for grant in use.grants}) == len(use.grants)


@pytest.mark.parametrize(
    ("grant", "action", "suffix"),
    [("grant_delete", "s3:DeleteObject", "/*"), ("grant_list", "s3:ListBucket", "")],
)
def test_deleting_and_listing_are_grants_of_their_own(grant: str, action: str, suffix: str) -> None:
    resources: list[str] = []

    def program() -> None:
        (one,) = getattr(examples.make(Bucket), grant)("Tidy")
        assert one.actions == (action,)
        one.resources[0].apply(resources.append)

    run(program)
    assert [arn.endswith("/*") for arn in resources] == [suffix == "/*"]
