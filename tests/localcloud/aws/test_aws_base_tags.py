"""Tags: default ones, ignored ones, and what a program sees of live ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localcloud.aws.tags import TagChange, TagRules, from_list, to_list

keys = st.sampled_from(["a", "b", "c", "d", "aws:x", "cost:a"])
tag_maps = st.dictionaries(keys, st.sampled_from(["1", "2", ""]))
own_maps = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["1", "2", ""]))


def test_own_tags_win_over_default_ones() -> None:
    rules = TagRules(defaults={"team": "core", "stage": "dev"})
    assert rules.wanted({"stage": "prod"}) == {"team": "core", "stage": "prod"}
    assert rules.wanted(None) == {"team": "core", "stage": "dev"}


def test_a_default_tag_is_shown_as_own_only_if_declared() -> None:
    rules = TagRules(defaults={"team": "core"})
    live = {"team": "core", "name": "x"}
    assert rules.own_of(live, {"name": "x"}) == {"name": "x"}
    assert rules.own_of(live, {"name": "x", "team": "core"}) == live
    assert rules.own_of({"team": "other"}, None) == {"team": "other"}


def test_ignored_tags_are_left_alone() -> None:
    rules = TagRules(ignored_keys=frozenset({"owner"}), ignored_prefixes=("cost:",))
    live = {"owner": "x", "cost:center": "1", "aws:cloudformation": "y", "name": "z"}
    assert rules.all_of(live) == {"name": "z"}
    assert rules.wanted({"owner": "me", "name": "z"}) == {"name": "z"}


@given(defaults=own_maps, own=own_maps)
def test_what_was_wanted_reads_back_as_declared(defaults: dict[str, str], own: dict[str, str]) -> None:
    rules = TagRules(defaults=defaults)
    live = rules.wanted(own)
    assert rules.all_of(live) == live
    assert rules.own_of(live, own) == own


@given(live=tag_maps, wanted=tag_maps)
def test_a_change_leads_to_what_is_wanted(live: dict[str, str], wanted: dict[str, str]) -> None:
    change = TagChange.between(live, wanted)
    after = {key: value for key, value in live.items() if key not in change.drop} | change.put
    assert after == wanted
    assert bool(change) == (live != wanted)


@given(tags=tag_maps)
def test_lists_and_maps_hold_the_same(tags: dict[str, str]) -> None:
    assert from_list(to_list(tags)) == tags
    assert from_list(to_list(tags, "TagKey", "TagValue"), "TagKey", "TagValue") == tags
