"""The generated pages of docs/reference are what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy import reference
from understudy.cli.main import app


@pytest.mark.parametrize("page", sorted(reference.PAGES))
def test_the_committed_page_is_current(page: str) -> None:
    assert (reference.FOLDER / page).read_text() == reference.PAGES[page](), "run: make docs"


def test_every_component_has_its_arguments_outputs_and_an_example() -> None:
    page = reference.components()
    sections = page.split("\n## ")[1:]
    titles = [section.splitlines()[0] for section in sections]
    for title in (
        "network.Network",
        "storage.Bucket",
        "storage.Database",
        "storage.Cache",
        "messaging.Queue",
        "secrets.Secret",
        "services.Service",
    ):
        assert title in titles
    for section in sections:
        assert "```python" in section, section.splitlines()[0]
        assert "| `context` | `Context` | **required** |" in section
        assert "\nOutputs:\n" in section


def test_every_argument_and_output_is_explained() -> None:
    rows = [line for line in reference.components().splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if row.endswith("|  |")] == []


def test_defaults_are_values_not_names() -> None:
    page = reference.components()
    assert "| `retention` | `int` | `345600` |" in page
    assert "_DAY" not in page


def test_every_command_is_there_with_its_help() -> None:
    page = reference.command_line()
    for command in app.registered_commands:
        assert f"\n## `understudy {command.name}`\n" in page
    assert "\n## `understudy local up`\n" in page
    assert "UNDERSTUDY_KUBE_CONTEXT" in page


def test_pages_are_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "PAGES", {"a.md": lambda: "text\n"})
    reference.main(tmp_path / "new")
    page = tmp_path / "new" / "a.md"
    assert page.read_text() == "text\n"
    before = page.stat().st_mtime_ns
    reference.main(tmp_path / "new")
    assert page.stat().st_mtime_ns == before
