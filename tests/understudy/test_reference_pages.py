"""The generated pages of docs/reference are what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from components.package.catalogue import catalogue
from understudy import component_pages, reference
from understudy.cli.main import app

PAGES = reference.pages()
COMPONENT_PAGES = sorted(
    name for name in PAGES if name.startswith("components/") and name != "components/types.md"
)


@pytest.mark.parametrize("page", sorted(PAGES))
def test_the_committed_page_is_current(page: str) -> None:
    assert (reference.FOLDER / page).read_text(encoding="utf-8") == PAGES[page](), "run: make docs"


def test_no_page_is_left_of_a_component_that_is_gone() -> None:
    found = {f"components/{page.name}" for page in reference.FOLDER.glob("components/*.md")}
    assert found <= set(PAGES), "run: make docs"


def test_every_component_has_a_page_and_is_in_the_index() -> None:
    index = PAGES["components.md"]()
    assert len(COMPONENT_PAGES) == len(catalogue()) >= 11
    for name in COMPONENT_PAGES:
        assert f"]({name})" in index


@pytest.mark.parametrize("name", COMPONENT_PAGES)
def test_a_page_says_all_that_one_asks_of_a_component(name: str) -> None:
    page = PAGES[name]()
    assert "\n```python\n" in page
    assert "```python\n\n```" not in page
    assert "| `context` | `Context` | **required** |" in page
    for heading in ("\n## Arguments\n", "\n### Errors\n", "\n## Outputs\n", "\n## From other languages\n"):
        assert heading in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert [row for row in rows if row.endswith("|  |")] == []


def test_units_defaults_errors_and_permissions_are_told() -> None:
    page = PAGES["components/messaging.Queue.md"]()
    assert "All times are in seconds." in page
    assert "| `retention` | `int` | `345600` | How long a message is kept: 60 seconds to 14 days. |" in page
    assert "_DAY" not in page
    assert "a number outside of what SQS takes, or numbers that together lose messages" in page
    permissions = page.partition("\n## Permissions\n")[2].partition("\n## ")[0]
    assert "- `grant_consume(sid)`: What a service needs to receive messages" in permissions


def test_types_within_arguments_are_explained_and_linked() -> None:
    types = PAGES["components/types.md"]()
    for kind in component_pages.nested_types():
        assert f"\n## {kind.__name__}\n" in types
    rows = [line for line in types.splitlines() if line.startswith("| `")]
    assert rows
    assert [row for row in rows if row.endswith("|  |")] == []
    assert "[`Size`](types.md#size)" in PAGES["components/services.Service.md"]()


def test_every_command_is_there_with_its_help() -> None:
    page = reference.command_line()
    for command in app.registered_commands:
        assert f"\n## `understudy {command.name}`\n" in page
    assert "\n## `understudy local up`\n" in page
    assert "UNDERSTUDY_KUBE_CONTEXT" in page


def test_pages_are_written_once_and_removed_with_their_component(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "pages", lambda: {"components/a.md": lambda: "text\n"})
    gone = tmp_path / "new" / "components" / "gone.md"
    gone.parent.mkdir(parents=True)
    gone.write_text("old")
    reference.main(tmp_path / "new")
    page = gone.parent / "a.md"
    assert page.read_text() == "text\n"
    assert not gone.exists()
    before = page.stat().st_mtime_ns
    reference.main(tmp_path / "new")
    assert page.stat().st_mtime_ns == before
