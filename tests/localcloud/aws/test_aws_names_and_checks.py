"""Names that begin with a prefix, and rules that many inputs share."""

from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws import checks
from localcloud.aws.names import UNIQUE_LENGTH, made_from, unique_name
from localcloud.aws.rds.instance_inputs import Version
from localcloud.aws.s3.bucket import bucket_name
from localcloud.aws.s3.lifecycle import _filter_from_api, _filter_to_api

PREFIXES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-./", max_size=30)
LABELS = st.from_regex(r"[a-z][a-z0-9]{2,20}", fullmatch=True)


@given(prefix=PREFIXES, suffix=st.sampled_from(["", ".fifo"]))
def test_name_is_recognised_by_its_prefix(prefix: str, suffix: str) -> None:
    name = unique_name(prefix, suffix)
    assert len(name) == len(prefix) + UNIQUE_LENGTH + len(suffix)
    assert made_from(prefix, name, suffix)
    assert not made_from(f"{prefix}x", name, suffix)


def test_names_made_together_differ() -> None:
    assert len({unique_name("a") for _ in range(1000)}) == 1000


@given(LABELS, LABELS)
def test_bucket_names(first: str, second: str) -> None:
    assert bucket_name(f"{first}-{second}") is None
    assert bucket_name(f"{first}.{second}") is None
    for bad in (f"{first}..{second}", f"{first}.-{second}", f"-{first}", f"{first}-", first.upper(), "ab"):
        assert bucket_name(bad), bad


@given(st.binary())
def test_base64(content: bytes) -> None:
    assert checks.base64_text(base64.b64encode(content).decode()) is None
    assert checks.base64_text("canary!") == "must be base64"


@given(st.recursive(st.none() | st.booleans() | st.integers(), st.lists))
def test_policy_must_be_an_object(value: object) -> None:
    assert checks.policy_document(json.dumps(value))
    assert checks.policy_document(json.dumps({"a": value})) is None


def test_arns() -> None:
    for good in (
        "",
        "arn:aws:iam::123456789012:role/x",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:s3:::bucket",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/x",
    ):
        assert checks.arn(good) is None
    for bad in ("x", "arn:aws", "arn:aws:iam::12:role/x", "ARN:aws:s3:::b"):
        assert checks.arn(bad)


@given(st.integers(1, 99), st.integers(0, 99), st.integers(1, 99))
def test_shorter_version_stands_for_the_longer_one(major: int, minor: int, other: int) -> None:
    version = Version()
    assert version.same(f"{major}.{minor}", f"{major}")
    assert version.same(f"{major}.{minor}", f"{major}.{minor}")
    assert not version.same(f"{major}.{minor}", f"{major}.{minor}0")
    assert version.same(f"{major}.{minor}", f"{other}") is (major == other)
    assert not version.same(f"{major}", f"{major}.{minor}")


@given(
    st.one_of(
        st.fixed_dictionaries({"prefix": st.text()}),
        st.fixed_dictionaries(
            {"tag": st.fixed_dictionaries({"key": st.text(min_size=1), "value": st.text()})}
        ),
        st.fixed_dictionaries(
            {
                "and": st.fixed_dictionaries(
                    {"prefix": st.text(), "tags": st.dictionaries(st.text(min_size=1), st.text(), min_size=1)}
                )
            }
        ),
    )
)
def test_lifecycle_filters_read_back(given_filter: dict[str, object]) -> None:
    assert _filter_from_api(_filter_to_api(given_filter)) == given_filter
