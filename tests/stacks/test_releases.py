# pyright: reportMissingImports=false
"""The configuration of releases: what it means, and what is refused with the key's path."""

from typing import Any

import pytest
from keys import SettingsProblem
from releases import parse

from components.services import Release

IMAGE = "registry/pricing@sha256:" + "b" * 64
SERVICES = ("orders", "pricing")


def test_without_configuration_nothing_is_under_way() -> None:
    assert parse(None, SERVICES) == {} == parse({}, SERVICES)


def test_a_canary_is_read() -> None:
    given = {"pricing": {"strategy": "canary", "candidate": IMAGE, "steps": [25, 50], "step": 2}}
    expected = Release(strategy="canary", candidate=IMAGE, steps=(25, 50), step=2)
    assert parse(given, SERVICES) == {"pricing": expected}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("canary", "understudy:releases is 'canary'"),
        ({"prices": {}}, "understudy:releases.prices is unknown"),
        ({"pricing": []}, "understudy:releases.pricing is []"),
        ({"pricing": {"image": IMAGE}}, "understudy:releases.pricing.image is unknown"),
        ({"pricing": {"strategy": "fast"}}, "understudy:releases.pricing.strategy is 'fast'"),
        ({"pricing": {"step": "1"}}, "understudy:releases.pricing.step is '1'"),
        ({"pricing": {"candidate": IMAGE}}, "understudy:releases.pricing.candidate is "),
    ],
)
def test_what_is_wrong_is_named_by_its_path(given: Any, path: str) -> None:
    with pytest.raises(SettingsProblem) as problem:
        parse(given, SERVICES)
    assert str(problem.value).startswith(path)
    assert "\n" not in str(problem.value)
