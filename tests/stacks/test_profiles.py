# pyright: reportMissingImports=false
from dataclasses import fields
from datetime import date

import pytest


def test_production_is_the_base() -> None:
    from profiles import PRODUCTION, differences, resolve

    assert resolve("production") == PRODUCTION
    assert differences("production") == ()


@pytest.mark.parametrize("name", ["staging", "development", "preview"])
def test_every_difference_is_declared_with_reason_owner_and_end(name: str) -> None:
    from profiles import PRODUCTION, Profile, differences, resolve

    profile, declared = resolve(name), differences(name)
    changed = {
        field.name
        for field in fields(Profile)
        if getattr(profile, field.name) != getattr(PRODUCTION, field.name)
    }
    assert changed == {one.field for one in declared}
    for one in declared:
        assert one.reason and one.owner
        assert date.fromisoformat(one.expires)


@pytest.mark.parametrize(
    ("stack", "profile"), [("production", "production"), ("staging", "staging"), ("feature-x", "preview")]
)
def test_the_name_of_a_stack_stands_for_a_profile(stack: str, profile: str) -> None:
    from profiles import profile_of

    assert profile_of(stack) == profile
