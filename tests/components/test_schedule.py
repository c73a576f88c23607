"""Schedules of rotations: what Secrets Manager takes passes, nothing else does, whatever it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.checks import InvalidArgument
from components.secrets.schedule import check_schedule, check_window

anything = (
    st.text()
    | st.none()
    | st.integers()
    | st.binary()
    | st.lists(st.text())
    | st.from_regex(r"(rate|cron)\([0-9A-Z*?#L/, -]{0,30}\)", fullmatch=True)
    | st.text(alphabet="0123456789*?,-/#LW ").map(lambda text: f"cron({text})")
)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 day)",
        "rate(10 days)",
        "rate(4 hours)",
        "rate(999 days)",
        "cron(0 4 1 * ? *)",
        "cron(0 8 1 * ? *)",
        "cron(0 10 ? * SUN#1 *)",
        "cron(0 16 ? * 6L *)",
        "cron(0 /8 * * ? *)",
        "cron(0 0/4 * * ? *)",
        "cron(0 2,8,20 L * ? *)",
        "cron(0 4 15W JAN,JUL ? *)",
        "cron(0 4 ? 1/3 MON-FRI *)",
        "cron(0 4 LW * ? *)",
    ],
)
def test_the_service_s_own_examples_pass(expression: str) -> None:
    check_schedule("schedule", expression)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(3 hours)",
        "rate(1 days)",
        "rate(2 day)",
        "rate(0 days)",
        "rate(10 minutes)",
        "rate(4 hours) ",
        "rate(4 hours)\n",
        "cron(30 4 1 * ? *)",
        "cron(0 4 1 * ? 2027)",
        "cron(0 4 1 * MON *)",
        "cron(0 4 ? * ? *)",
        "cron(0 24 1 * ? *)",
        "cron(0 4 32 * ? *)",
        "cron(0 4 1 13 ? *)",
        "cron(0 4 ? * SUNDAY *)",
        "cron(0 4 ? * SUN#6 *)",
        "cron(0 * 1 * ? *)",
        "cron(0 /2 1 * ? *)",
        "cron(0 1,2 1 * ? *)",
        "cron(0 22,1 1 * ? *)",
        "cron(0 1-5 1 * ? *)",
        "cron(0 8-4 1 * ? *)",
        "cron(0 4 1 * ?)",
        "every day",
        "",
    ],
)
def test_others_are_refused(expression: str) -> None:
    with pytest.raises(InvalidArgument, match=r"^schedule is "):
        check_schedule("schedule", expression)


@given(anything)
def test_nothing_but_success_or_a_named_error(expression: object) -> None:
    try:
        check_schedule("schedule", expression)  # pyright: ignore[reportArgumentType]
    except InvalidArgument as problem:
        assert problem.field == "schedule"


@given(st.integers(1, 999), st.sampled_from(["hours", "days"]))
def test_a_rate_is_as_long_as_it_says(number: int, unit: str) -> None:
    expression = f"rate({number} {unit if number > 1 else unit[:-1]})"
    try:
        check_schedule("schedule", expression)
    except InvalidArgument:
        assert unit == "hours"
        assert number < 4
    else:
        assert unit == "days" or number >= 4


@given(st.integers(-5, 30) | st.none() | st.booleans() | st.text(), st.integers(4, 30))
def test_a_window_ends_before_the_next_one(hours: object, rate: int) -> None:
    try:
        check_window("window_hours", hours, f"rate({rate} hours)")  # pyright: ignore[reportArgumentType]
    except InvalidArgument as problem:
        assert problem.field == "window_hours"
        fits = isinstance(hours, int) and not isinstance(hours, bool) and 1 <= hours <= 24
        assert not fits or int(str(hours)) >= rate
    else:
        assert hours is None or (isinstance(hours, int) and 1 <= hours < rate)
