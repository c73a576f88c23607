import random
import string
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import naming
from components.naming import LIMITS, NameProblem, Parts, environment_name, name, parse_stack_name

labels = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)
environments = st.from_regex(r"[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,6}){0,3}", fullmatch=True).filter(
    lambda text: len(text) <= naming.ENVIRONMENT_LIMIT
)
parts = st.builds(
    Parts, project=labels, environment=environments, thing=labels, kind=labels, organisation=labels
)


def some(**changes: str) -> Parts:
    fields = {
        "project": "understudy",
        "environment": "feature-x",
        "thing": "orders",
        "kind": "queue",
        "organisation": "example",
    }
    return Parts(**{**fields, **changes})


@given(parts)
def test_a_name_is_valid_for_every_service_and_stable(given_parts: Parts) -> None:
    for limit in LIMITS:
        text = name(limit, given_parts)
        assert limit.accepts(text), limit.service
        assert name(limit, given_parts) == text


@st.composite
def twins(draw: st.DrawFn) -> tuple[Parts, Parts]:
    """Two sets of parts that read the same when joined, but are parted elsewhere."""
    words = draw(st.lists(st.sampled_from(["a", "b", "orders", "x1"]), min_size=5, max_size=9))

    def parted() -> Parts:
        cuts = sorted(draw(st.lists(st.integers(1, len(words) - 1), min_size=4, max_size=4, unique=True)))
        texts = ["-".join(words[low:high]) for low, high in zip([0, *cuts], [*cuts, len(words)], strict=True)]
        fields = ("organisation", "project", "environment", "thing", "kind")
        return Parts(**dict(zip(fields, texts, strict=True)))

    return parted(), parted()


@given(twins())
def test_different_parts_have_different_names(pair: tuple[Parts, Parts]) -> None:
    def key(one: Parts, limit: naming.Limit) -> tuple[str, ...]:
        known = (one.project, one.environment, one.thing, one.kind)
        return (one.organisation, *known) if limit.unique == "global" else known

    first, second = pair
    for limit in LIMITS:
        same = key(first, limit) == key(second, limit)
        assert (name(limit, first) == name(limit, second)) == same, limit.service


def test_the_border_between_environment_and_thing_is_never_lost() -> None:
    one = name(naming.SQS_QUEUE, some(environment="feature", thing="x-orders"))
    other = name(naming.SQS_QUEUE, some(environment="feature-x", thing="orders"))
    assert other == "understudy-feature-x-orders-queue"
    assert one != other


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (naming.S3_BUCKET, "example-understudy-feature-x-orders-queue"),
        (naming.SQS_FIFO_QUEUE, "understudy-feature-x-orders-queue.fifo"),
        (naming.SECRET, "understudy/feature-x/orders/queue"),
        (naming.LOG_GROUP, "/understudy/feature-x/orders/queue"),
        (naming.KMS_ALIAS, "alias/understudy/feature-x/orders/queue"),
    ],
    ids=lambda value: getattr(value, "service", None),
)
def test_what_fits_is_readable(limit: naming.Limit, expected: str) -> None:
    assert name(limit, some()) == expected


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.service)
def test_what_is_too_long_is_cut_and_hashed(limit: naming.Limit) -> None:
    long = "a" * 600
    text = name(limit, some(thing=long))
    assert limit.accepts(text)
    assert text != name(limit, some(thing=long + "b"))


@pytest.mark.parametrize(
    ("limit", "project"),
    [
        (naming.S3_BUCKET, "sthree"),
        (naming.S3_BUCKET, "xn"),
        (naming.KMS_ALIAS, "aws"),
        (naming.LOG_GROUP, "aws"),
        (naming.SECURITY_GROUP, "sg"),
        (naming.LOAD_BALANCER, "internal"),
    ],
    ids=lambda value: getattr(value, "service", value),
)
def test_reserved_beginnings_are_avoided(limit: naming.Limit, project: str) -> None:
    assert limit.accepts(name(limit, some(project=project, organisation=project)))


def test_a_secret_never_ends_as_its_own_arn_would() -> None:
    assert naming.SECRET.accepts(name(naming.SECRET, some(kind="data-abcdef")))


@pytest.mark.parametrize("field", ["project", "environment", "thing", "kind"])
@pytest.mark.parametrize("value", ["", "Orders", "1st", "a_b", "a--b", "-a", "a-", "a b", "ä", "a\n"])
def test_parts_are_labels(field: str, value: str) -> None:
    with pytest.raises(NameProblem, match=field) as problem:
        some(**{field: value})
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize("field", ["project", "environment", "thing", "kind"])
@pytest.mark.parametrize(
    "value", ["A" * 10_000, "a\nb", "\ud800", "\u202ea", "1" * 500, 5, None, b"a", ["a"], 1.5]
)
def test_a_hostile_part_is_refused_in_one_short_line(field: str, value: Any) -> None:
    with pytest.raises(NameProblem, match=f"^{field} ") as problem:
        some(**{field: value})
    assert len(str(problem.value)) < 300
    assert str(problem.value).isprintable()


def hostile_branches(count: int) -> Iterable[str]:
    """Branch names that are as alike as names can be."""
    source = random.Random(20261123)
    alphabet = "aAbB-_/.~+ 0é🦄\u202e\u200b\u0131\u212a\ud800\x00\n"
    seen: set[str] = set()
    while len(seen) < count:
        kind = source.randrange(6)
        if kind == 0:
            text = "".join(source.choices(alphabet, k=source.randint(1, 8)))
        elif kind == 1:
            text = (
                "feature" + source.choice("/-_. ") + "".join(source.choices("xX-_/", k=source.randint(1, 7)))
            )
        elif kind == 2:
            text = "a" * 40 + "".join(source.choices(string.printable, k=3))
        elif kind == 3:
            text = environment_name("".join(source.choices(alphabet, k=4)))
        elif kind == 4:
            # As long as a reference of git can be, and different in the last character only.
            text = "release/" + "long-" * source.choice((6, 7, 200)) + source.choice(alphabet + "xyz")
        else:
            # Like the names of other things of an environment, and like a cut name.
            words = ("orders", "queue", "dlq", "production", "preview", "0abcdefg", "e", "aws", "xn", "sg")
            text = source.choice("-_/").join(source.choices(words, k=source.randint(1, 5)))
        if text not in seen:
            seen.add(text)
            yield text


def test_ten_thousand_hostile_branches_share_no_name() -> None:
    branches = list(hostile_branches(10_000))
    names = {environment_name(branch) for branch in branches}
    assert len(names) == len(branches)
    assert all(parse_stack_name(text) == text for text in names)


def test_ten_thousand_hostile_branches_have_names_of_their_own_at_every_service() -> None:
    environments = [environment_name(branch) for branch in hostile_branches(10_000)]
    for limit in LIMITS:
        names = {name(limit, some(environment=environment)) for environment in environments}
        assert len(names) == len(environments), limit.service
        assert all(limit.accepts(text) for text in names), limit.service
    spaces = {naming.namespace("understudy", environment) for environment in environments}
    assert len(spaces) == len(environments)
    assert all(naming.KUBERNETES.accepts(text) for text in spaces)


@given(st.text(st.characters(exclude_categories=()), min_size=1))
def test_every_branch_has_a_valid_environment(branch: str) -> None:
    text = environment_name(branch)
    assert parse_stack_name(text) == text
    assert environment_name(branch) == text


def test_branches_that_look_alike_stay_apart() -> None:
    names = {environment_name(branch) for branch in ("feature-x", "feature/x", "feature/X", "feature_x")}
    assert len(names) == 4
    assert "feature-x" in names


@pytest.mark.parametrize("branch", sorted(naming.RESERVED_ENVIRONMENTS))
def test_a_branch_can_not_take_a_long_lived_environment(branch: str) -> None:
    assert environment_name(branch) not in naming.RESERVED_ENVIRONMENTS


def test_a_branch_named_like_another_branch_s_hash_gets_its_own() -> None:
    hashed = environment_name("feature/X")
    assert environment_name(hashed) != hashed


def test_no_branch_is_an_error() -> None:
    with pytest.raises(NameProblem, match="empty"):
        environment_name("")


@pytest.mark.parametrize(
    "stack",
    ["Feature", "feature_x", "1st", "a" * 33, "A" * 10_000, "\ud800", "", "a/", "a..b", "-x", "ünï", "a\nb"],
)
def test_a_bad_stack_name_is_one_line_with_a_remedy(stack: str) -> None:
    with pytest.raises(NameProblem, match=": use ") as problem:
        parse_stack_name(stack)
    assert str(problem.value).isprintable()
    assert len(str(problem.value)) < 400


def test_a_stack_name_may_carry_its_organisation() -> None:
    assert parse_stack_name("example/understudy/feature-x") == "feature-x"


@given(labels, environments)
def test_namespaces_are_valid_and_part_of_one_environment(project: str, environment: str) -> None:
    assert naming.KUBERNETES.accepts(naming.namespace(project, environment))
    assert naming.namespace(project, environment) != naming.namespace(project + "-a", environment)


@given(st.sampled_from(LIMITS), st.lists(labels, min_size=1, max_size=3))
def test_short_names_are_valid(limit: naming.Limit, pieces: list[str]) -> None:
    assert limit.accepts(naming.short_name(limit, *pieces)) or len("".join(pieces)) < limit.minimum
