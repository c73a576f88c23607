"""Alarms: whoever is woken knows who answers and what to do."""

from pathlib import Path
from typing import Any

import component_examples as examples
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_mocks import run

from components.checks import InvalidArgument
from components.context import tag_value
from components.telemetry import Alarm, AlarmArgs, LogGroup, LogGroupArgs, alarm_owner

DOCS = Path(__file__).parents[2]
URL = "https://wiki.example.com/runbooks/queues"


def arguments(**changes: Any) -> AlarmArgs:
    return AlarmArgs(**{"context": examples.context(), **examples.EXAMPLES[Alarm][1](), **changes})


def test_an_alarm_says_who_answers_and_where_it_is_written_what_to_do() -> None:
    built = run(lambda: examples.make(Alarm, owner="billing", runbook=URL, actions=["arn:aws:sns:::alerts"]))
    alarm = built.one("MetricAlarm").inputs
    assert alarm["alarmDescription"] == f"There is a dead letter. Owner: billing. Runbook: {URL}"
    # The team that answers, rather than whoever owns the environment.
    assert (alarm["tags"]["owner"], alarm["tags"]["runbook"]) == ("billing", URL)
    assert alarm["alarmActions"] == alarm["okActions"] == ["arn:aws:sns:::alerts"]
    assert alarm["treatMissingData"] == "notBreaching"


def test_owner_and_runbook_are_no_matter_of_choice() -> None:
    required = {"context": examples.context(), **examples.EXAMPLES[Alarm][1]()}
    for missing in ("owner", "runbook"):
        with pytest.raises(TypeError, match=missing):
            AlarmArgs(**{key: value for key, value in required.items() if key != missing})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owner", ""),
        ("owner", " "),
        ("owner", "a\nb"),
        ("runbook", ""),
        ("runbook", "http://wiki.example.com/queues"),
        ("runbook", "https://wiki.example.com/queues#dead"),
        ("runbook", "docs/../etc/passwd.md"),
        ("runbook", "runbooks/queues.md"),
        ("runbook", "https://wiki.example.com/" + "a" * 256),
        ("description", ""),
        ("description", "two\nlines"),
        ("description", "a" * 1000),
        ("namespace", ":x"),
        ("metric", ""),
        ("threshold", float("nan")),
        ("threshold", float("inf")),
        ("dimensions", {f"D{number}": "x" for number in range(31)}),
        ("comparison", "Above"),
        ("statistic", "p99"),
        ("missing_data", "fine"),
        ("period", 45),
        ("period", 0),
        ("periods", 1441),
        ("actions", ["arn:aws:sns:::alerts"] * 6),
    ],
)
def test_a_bad_alarm_is_named(field: str, value: object) -> None:
    with pytest.raises(InvalidArgument, match=f"^{field} is "):
        arguments(**{field: value})


@given(period=st.integers(-1, 700_000), periods=st.integers(-1, 9000))
def test_cloudwatch_takes_every_window_that_is_accepted(period: int, periods: int) -> None:
    try:
        arguments(period=period, periods=periods)
    except InvalidArgument:
        return
    assert period in (10, 20, 30) or (period > 0 and period % 60 == 0)
    assert periods >= 1
    assert period * periods <= (604_800 if period >= 3600 else 86_400)


@given(st.text(max_size=300))
def test_every_owner_of_an_environment_can_answer(owner: str) -> None:
    answering = alarm_owner(examples.context(owner=owner))
    assert arguments(owner=answering).owner == tag_value(answering) == answering


@pytest.mark.parametrize("folder", ["messaging", "storage"])
def test_the_runbooks_that_components_come_with_are_there(folder: str) -> None:
    sources = "".join(one.read_text() for one in (DOCS / "components" / folder).glob("*.py"))
    named = {word.strip('"') for word in sources.split() if word.startswith('"docs/runbooks/')}
    assert named
    for page in named:
        assert (DOCS / page).is_file(), page


def test_logs_are_kept_for_a_step_that_cloudwatch_has() -> None:
    group = run(lambda: examples.make(LogGroup, retention_days=90, kms_key_arn="arn:aws:kms:::key/a"))
    assert group.one("cloudwatch/logGroup:LogGroup").inputs["retentionInDays"] == 90
    assert group.one("cloudwatch/logGroup:LogGroup").inputs["kmsKeyId"] == "arn:aws:kms:::key/a"
    for days in (0, 2, 366, 3654, True, "90"):
        with pytest.raises(InvalidArgument, match=r"^retention_days is "):
            LogGroupArgs(context=examples.context(), retention_days=days)  # type: ignore[arg-type]
