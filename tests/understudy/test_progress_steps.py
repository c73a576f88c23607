"""Steps on standard error, and masking."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.masking import mask
from understudy.progress import Progress


def test_plain_lines_and_durations():
    stream = io.StringIO()
    progress = Progress(stream)
    with progress.step("outer") as say:
        say("detail")
        say("detail")
        with progress.step("inner"):
            pass
    assert [line.split(" (")[0] for line in stream.getvalue().splitlines()] == [
        "• outer",
        "  detail",
        "  • inner",
        "  ✓ inner",
        "✓ outer",
    ]
    assert [step.name for step in progress.steps] == ["inner", "outer"]
    assert all(step.ok for step in progress.steps)
    assert progress.seconds()["outer"] >= progress.seconds()["inner"]


def test_a_terminal_is_told_where_it_failed():
    stream = io.StringIO()
    progress = Progress(stream, live=True)
    with pytest.raises(ValueError, match="x"), progress.step("a"):
        raise ValueError("x")
    assert "✗ a (" in stream.getvalue()


def test_a_failed_step():
    stream = io.StringIO()
    progress = Progress(stream)
    with pytest.raises(ValueError, match="x"), progress.step("a"):
        raise ValueError("x")
    assert not progress.steps[0].ok
    assert stream.getvalue() == "• a\n"
    assert "✓" not in stream.getvalue()


def test_live_and_quiet():
    stream = io.StringIO()
    with Progress(stream, live=True).step("[bold]a") as say:
        say("postgres://u:canary@h")
    assert "[bold]a" in stream.getvalue() and "canary" not in stream.getvalue()
    stream = io.StringIO()
    with Progress(stream, quiet=True).step("a") as say:
        say("b")
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:hunter2@h:1/0 x", "redis://:***@h:1/0 x"),
        ("password=hunter2, next", "password=***, next"),
        ('auth_token: "hunter2"', "auth_token: ***"),
        ("AWS_SECRET_ACCESS_KEY stays a name", "AWS_SECRET_ACCESS_KEY stays a name"),
        ("http://127.0.0.1:5000/a@b", "http://127.0.0.1:5000/a@b"),
    ],
)
def test_mask(text: str, shown: str):
    assert mask(text) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=8))
def test_no_password_of_a_url_survives(password: str):
    assert password not in mask(f"no answer from postgresql://app:{password}@127.0.0.1:5432/db?x=1")


def test_a_log_is_told_of_one_subject_now_and_then() -> None:
    stream = io.StringIO()
    progress = Progress(stream, live=False)
    with progress.step("images") as say:
        for number in range(50):
            say(f"pricing: compiling {number}")
        say("orders: unchanged")
        say("the other thing")
    lines = stream.getvalue().splitlines()
    assert [line.strip() for line in lines[1:-1]] == [
        "pricing: compiling 0",
        "orders: unchanged",
        "the other thing",
    ]
