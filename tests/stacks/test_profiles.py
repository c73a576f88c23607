# pyright: reportMissingImports=false
import ast
from dataclasses import fields
from datetime import date
from pathlib import Path

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


STACKS = Path(__file__).parent.parent.parent / "stacks"


def test_every_field_makes_a_difference_somewhere() -> None:
    from profiles import Profile

    read = {
        node.attr
        for module in ("topology", "foundation", "resolution")
        for node in ast.walk(ast.parse((STACKS / f"{module}.py").read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("profile")
    }
    assert {field.name for field in fields(Profile)} - read == set()


def test_nothing_but_the_profile_tells_environments_apart() -> None:
    """The blueprint may not ask which environment it is: what it asks for is in the profile, declared."""
    for path in STACKS.glob("*.py"):
        if path.name in ("profiles.py", "keys.py", "overrides.py", "resolution.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare):
                text = ast.unparse(node)
                assert not [
                    name for name in ("production", "staging", "development", "preview") if name in text
                ]
                assert "environment" not in text and "profile_name" not in text, text


def test_every_field_is_documented() -> None:
    from understudy.reference_stacks import class_node, rows

    assert [row.name for row in rows(class_node("profiles", "Profile")) if not row.text] == []
