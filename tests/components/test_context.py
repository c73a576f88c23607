import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.checks import InvalidArgument
from components.context import Context, label_value, tag_value


def context(**changes: str | None) -> Context:
    fields: dict[str, str | None] = {
        "organisation": "example",
        "project": "understudy",
        "environment": "feature-x",
        "profile": "preview",
        "owner": "payments",
        "branch": "feature/x",
        "commit": "0f3c2a",
        "release": "1.4.0",
    }
    return Context(**{**fields, **changes})  # type: ignore[arg-type]


STANDARD = {
    "organisation",
    "project",
    "environment",
    "profile",
    "component",
    "owner",
    "branch",
    "commit",
    "release",
    "managed-by",
}


def test_the_standard_tags_are_all_there() -> None:
    assert set(context().tags("storage.Bucket")) == STANDARD
    dated = context(created_at="2026-11-23T22:05:00Z", expires_at="2026-11-30T22:05:00Z")
    assert set(dated.tags("storage.Bucket")) == {*STANDARD, "created-at", "expires-at"}


@given(st.text(max_size=400))
def test_any_owner_and_branch_make_valid_tags_and_labels(text: str) -> None:
    one = context(owner=text, branch=text, commit=text, release=text)
    for value in one.tags("storage.Bucket").values():
        assert re.fullmatch(r"[A-Za-z0-9 _.:/=+@-]{0,256}", value)
        assert value == value.strip()
    for key, value in one.labels("storage.Bucket", text).items():
        assert re.fullmatch(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?", value)
        assert len(key.split("/")[-1]) <= 63


@given(st.text())
def test_shaping_twice_changes_nothing(text: str) -> None:
    assert tag_value(tag_value(text)) == tag_value(text)
    assert label_value(label_value(text)) == label_value(text)


def test_a_new_commit_does_not_restart_pods() -> None:
    old, new = context(commit="aaaa"), context(commit="bbbb")
    assert old.pod_labels("services.Service", "orders") == new.pod_labels("services.Service", "orders")
    assert old.labels("services.Service") != new.labels("services.Service")
    assert old.selector("orders").items() <= old.pod_labels("services.Service", "orders").items()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organisation", "Example"),
        ("project", ""),
        ("environment", "feature/x"),
        ("profile", "a b"),
        ("created_at", "yesterday"),
        ("expires_at", "2026-11-23 22:05"),
    ],
)
def test_what_names_can_not_be_made_of_is_refused(field: str, value: str) -> None:
    with pytest.raises(InvalidArgument, match=field) as problem:
        context(**{field: value})
    assert "\n" not in str(problem.value)
