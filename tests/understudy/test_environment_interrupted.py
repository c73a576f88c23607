"""What a killed update leaves: pending creations in the state, notes of the plugins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from localcloud.journal import Journal
from understudy.environments.interrupted import lost_creates, pending_creates

URN = "urn:pulumi:a::understudy::aws:ec2/vpc:Vpc::network"
OTHER = "urn:pulumi:ab::understudy::aws:ec2/vpc:Vpc::network"


def _state(folder: Path, latest: object) -> Path:
    file = folder / ".pulumi" / "stacks" / "understudy" / "a.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"stack": "a", "latest": latest}}))
    return folder


def test_only_pending_creations_are_told(tmp_path: Path):
    pending = [
        {"type": "creating", "resource": {"urn": URN}},
        {"type": "updating", "resource": {"urn": "urn:other"}},
    ]
    assert pending_creates(_state(tmp_path, {"pending_operations": pending}), "understudy", "a") == [URN]


@pytest.mark.parametrize("latest", [None, {}, {"pending_operations": None}, [], {"pending_operations": [3]}])
def test_a_state_without_any_or_a_damaged_one_has_none(tmp_path: Path, latest: object):
    assert pending_creates(_state(tmp_path, latest), "understudy", "a") == []


def test_a_stack_that_is_not_there_has_none(tmp_path: Path):
    assert pending_creates(tmp_path, "understudy", "a") == []


def test_lost_is_what_was_noted_and_is_not_in_the_state(tmp_path: Path):
    journal = Journal(tmp_path / "aws")
    journal.begin(URN)
    assert lost_creates(tmp_path, "a", []) == [URN]
    journal.finish(URN, "vpc-1")
    assert lost_creates(tmp_path, "a", [{"urn": URN, "id": "vpc-0"}]) == [URN]
    assert lost_creates(tmp_path, "a", [{"urn": URN, "id": "vpc-1"}]) == []


def test_notes_of_other_stacks_and_damaged_ones_do_not_count(tmp_path: Path):
    Journal(tmp_path / "aws").begin(OTHER)
    (tmp_path / "aws" / "damaged.json").write_text("{")
    assert lost_creates(tmp_path, "a", []) == []
    assert lost_creates(tmp_path, "ab", []) == [OTHER]
    assert lost_creates(tmp_path / "none", "a", []) == []
