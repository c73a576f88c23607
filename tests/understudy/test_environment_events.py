"""The picture of an update is right at every event."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from understudy.environments.events import Problem, Progress, changed, strip_markup


def event(**fields: Any) -> Any:
    names = (
        "resource_pre_event",
        "res_outputs_event",
        "res_op_failed_event",
        "diagnostic_event",
        "summary_event",
    )
    return SimpleNamespace(**{**dict.fromkeys(names), **fields})


def step(kind: str, urn: str, op: str = "create") -> Any:
    return event(
        **{kind: SimpleNamespace(metadata=SimpleNamespace(urn=urn, type="aws:sqs/queue:Queue", op=op))}
    )


def diagnostic(
    message: str, severity: str = "error", urn: str = "urn::s::p::t::orders", *, ephemeral: bool = False
) -> Any:
    return event(
        diagnostic_event=SimpleNamespace(message=message, severity=severity, urn=urn, ephemeral=ephemeral)
    )


def test_running_and_done_are_told_apart() -> None:
    progress = Progress()
    progress.feed(step("resource_pre_event", "urn::a"), 1.0)
    progress.feed(step("resource_pre_event", "urn::b"), 2.0)
    assert progress.status() == "0 done, 2 running: a (Queue)"
    progress.feed(step("res_outputs_event", "urn::a"), 4.0)
    assert progress.status() == "1 done, 1 running: b (Queue)"
    assert progress.slowest[0].seconds == 3.0


def test_what_is_made_is_named_before_what_waits_for_it() -> None:
    stack = SimpleNamespace(urn="urn::feature-x", type="pulumi:pulumi:Stack", op="create")
    progress = Progress()
    progress.feed(event(resource_pre_event=SimpleNamespace(metadata=stack)), 1.0)
    assert progress.status() == "0 done, 1 running: feature-x (Stack)"
    progress.feed(step("resource_pre_event", "urn::a"), 2.0)
    assert progress.status() == "0 done, 2 running: a (Queue)"


def test_what_stays_the_same_is_no_change() -> None:
    progress = Progress()
    progress.feed(step("resource_pre_event", "urn::a", "same"), 1.0)
    progress.feed(step("res_outputs_event", "urn::a", "same"), 1.1)
    assert progress.done == 0
    assert progress.status() == "looking for changes"


def test_problems_are_one_line_each_and_said_once() -> None:
    progress = Progress()
    for _ in range(2):
        progress.feed(diagnostic("<{%fg 1%}>it\nbroke<{%reset%}>\n"), 1.0)
    progress.feed(diagnostic("passing", "info", ephemeral=True), 1.0)
    assert progress.problems == [Problem("it broke", "orders")]
    assert progress.note == "· orders: passing"


def test_a_replacement_counts_once() -> None:
    assert (
        changed({"same": 5, "create": 2, "replace": 1, "create-replacement": 1, "delete-replaced": 1})
        == "2 created, 1 replaced"
    )
    assert changed({"same": 80}) == "no changes"


def test_markup_goes() -> None:
    assert strip_markup("<{%fg 12%}>a<{%reset%}> <{%b") == "a <{%b"


def test_of_a_traceback_the_last_line_is_shown_and_the_rest_kept() -> None:
    progress = Progress()
    text = "Program failed with an unhandled exception:\nTraceback (last):\n  File x\nKeyError: 'a'\n"
    progress.feed(diagnostic(text, urn="urn::pulumi:pulumi:Stack::s"), 1.0)
    assert str(progress.problems[0]) == "the program failed: KeyError: 'a'"
    assert "File x" in progress.problems[0].details


def test_a_list_of_one_error_loses_its_heading() -> None:
    progress = Progress()
    progress.feed(diagnostic("1 error occurred:\n\t* Pod a/b not ready\n"), 1.0)
    assert str(progress.problems[0]) == "orders: Pod a/b not ready"
