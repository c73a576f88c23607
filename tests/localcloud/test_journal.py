"""The journal remembers exactly the creates that the engine may not know of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud import plugin
from localcloud.journal import Journal, Note
from localcloud.provider import Provider

URN = "urn:pulumi:s::p::t::n"


def test_a_create_cut_short_is_remembered(tmp_path: Path) -> None:
    Journal(tmp_path).begin(URN)
    assert Journal(tmp_path).open_note(URN) == Note(URN, None)


def test_a_create_that_the_engine_never_heard_of_is_remembered_by_its_id(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(URN)
    journal.finish(URN, "id-1")
    assert Journal(tmp_path).open_note(URN) == Note(URN, "id-1")


def test_the_engine_that_uses_the_id_knows_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(URN)
    journal.finish(URN, "new")
    journal.known(URN, "old")  # the one that is being replaced
    assert journal.open_note(URN) is not None
    journal.known(URN, "new")
    assert journal.open_note(URN) is None


def test_an_end_in_good_order_closes_what_was_finished_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    for number in (1, 2):
        journal.begin(f"{URN}{number}")
    journal.finish(f"{URN}1", "id")
    journal.close()
    assert journal.open_note(f"{URN}1") is None
    assert journal.open_note(f"{URN}2") == Note(f"{URN}2", None)


def test_a_damaged_note_still_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.begin(URN)
    next(tmp_path.glob("*.json")).write_text("{")
    assert journal.open_note(URN) == Note(URN, None)


class Context:
    """What gRPC gives; no call here is to fail."""

    def abort(self, code: object, message: str) -> None:
        raise AssertionError(message)


def _cancel(provider: Provider) -> None:
    provider.Cancel(None, None)


def _call(provider: Provider) -> None:
    provider.CheckConfig(provider_pb2.CheckRequest(), Context())


def _cancel_during_a_call(provider: Provider) -> None:
    with provider._answering(Context()):
        provider.Cancel(None, None)


@pytest.mark.parametrize(
    ("events", "in_good_order", "kept"),
    [
        ([], True, False),
        ([_call, _cancel], True, False),  # the engine's farewell
        ([_cancel, _call], True, True),
        ([_cancel, _cancel], True, True),
        ([_cancel_during_a_call], True, True),
        ([], False, True),
    ],
)
def test_only_an_engine_that_ends_undisturbed_is_known_to_know_it_all(
    tmp_path: Path, events: list[Callable[[Provider], None]], in_good_order: bool, kept: bool
) -> None:
    journal = Journal(tmp_path)
    provider = Provider(plugin.load("random"), journal)
    journal.begin(URN)
    journal.finish(URN, "id")
    for event in events:
        event(provider)
    provider.finish(in_good_order=in_good_order, within=0)
    assert (journal.open_note(URN) is not None) == kept
