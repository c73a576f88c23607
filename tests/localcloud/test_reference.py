"""The reference of local types is what the code says."""

from __future__ import annotations

from pathlib import Path

from localcloud import plugin
from localcloud.reference import render

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "local-types.md"


def test_the_committed_reference_is_current() -> None:
    assert PAGE.read_text() == render(), "run: python -m localcloud.reference > docs/reference/local-types.md"


def test_every_type_and_function_is_in_it() -> None:
    page = render()
    for name in ("aws", "random"):
        package = plugin.load(name)
        for token in (*package.tokens(), *package.functions()):
            assert f"`{token}`" in page


def test_what_is_refused_is_named() -> None:
    page = render()
    section = page.split("### `aws:ec2/vpc:Vpc`")[1].split("\n### ")[0]
    assert "| `cidrBlock` | string | *computed*; *replaces* |" in section
    assert "`ipv4IpamPoolId`" in section.split("Refused:")[1]
    assert "default `true`" in section
