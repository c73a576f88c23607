"""The documentation points at what is there, and says nothing of the machine that it was written on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "services").glob("*.md")])

_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]*`(?!\])")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors that headings get on the usual Markdown sites."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return {
        "".join(each for each in heading.lower().replace(" ", "-") if each.isalnum() or each in "-_")
        for heading in headings
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = _CODE.sub("", _FENCE.sub("", page.read_text(encoding="utf-8")))
    for link in _LINK.findall(text):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.name}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_names_a_machine_s_folders(page: Path) -> None:
    found = re.findall(r"/(?:root|home|work|tmp|var/tmp)/\S*", page.read_text(encoding="utf-8"))
    assert found == []


def test_folders_and_modules_that_pages_name_are_there() -> None:
    named = re.compile(
        r"`((?:stacks|components|services|localcloud|understudy|tests)/[A-Za-z0-9_./-]*[A-Za-z0-9_/])`"
    )
    missing = [
        f"{page.name}: {path}"
        for page in PAGES
        for path in named.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / path).exists()
    ]
    assert missing == []
