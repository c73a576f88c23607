"""When a new environment was made and when it may go; wrong settings before anything is started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.options import Options
from understudy.environments import local
from understudy.environments import up as environment
from understudy.environments.up import life, up
from understudy.errors import InvalidInputError
from understudy.progress import Progress

REPO = Path(__file__).parents[2]


def test_a_new_preview_knows_its_end() -> None:
    found = life(72, datetime(2026, 11, 24, 22, 5, 0, tzinfo=UTC))
    assert found == {
        "understudy:createdAt": "2026-11-24T22:05:00Z",
        "understudy:expiresAt": "2026-11-27T22:05:00Z",
    }


@given(hours=st.integers(1, 720), now=st.datetimes(datetime(2024, 1, 1), datetime(2090, 1, 1)))
def test_what_is_noted_is_a_setting_that_the_program_takes(hours: int, now: datetime) -> None:
    from understudy.environments import program

    resolution = program.module(REPO, "resolution")
    config = life(hours, now.replace(tzinfo=UTC))
    given = resolution.Given(
        stack="feature-x", project="understudy", config=config, environ={}, root=Path("/nonexistent")
    )
    settings = resolution.resolve_settings(given).settings
    made, ends = (
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ") for text in (settings.created_at, settings.expires_at)
    )
    assert ends - made == timedelta(hours=hours)


def test_a_wrong_setting_stops_up_before_anything_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "ireland")
    monkeypatch.setattr(local, "bring_up", lambda *_: pytest.fail("the local cloud was started"))
    with pytest.raises(InvalidInputError, match="AWS_REGION"):
        up(REPO, "feature-x", Options(), Progress(quiet=True))


class _Emptied:
    """A stack whose resources are gone; notes how it is dropped."""

    name = "x"

    def __init__(self) -> None:
        self.kept: bool | None = None

    def destroy(self, _watch: object) -> None: ...

    def remove(self, *, keep_file: bool) -> None:
        self.kept = keep_file


@pytest.mark.parametrize(("name", "kept"), [("development", True), ("feature-x", False)])
def test_the_file_of_a_long_lived_stack_outlives_it(
    name: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: understudy\nruntime: python\n")
    own = "config:\n  aws:region: eu-west-1\n"
    file = tmp_path / f"Pulumi.{name}.yaml"
    file.write_text(f"{own}encryptionsalt: v1:abc\n")
    place = SimpleNamespace(data=tmp_path, state=tmp_path / "state", variables={})
    stack = _Emptied()
    monkeypatch.setattr(local, "current", lambda: place)
    monkeypatch.setattr(environment.Stack, "open", lambda *_args, **_more: stack)
    environment.down(tmp_path, name, Progress(quiet=True))
    assert stack.kept is kept
    if kept:
        assert file.read_text() == own
