from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from aep_delivery.runtime.errors import InternalError
from aep_delivery.state.base import refuse_remaining
from aep_delivery.state.instant import as_text
from aep_delivery.state.records import (
    Action,
    ActivationKind,
    Done,
    Intent,
    JournalEntry,
    Outcome,
    ResourceKind,
    RunKind,
)


def test_the_keys_are_part_of_what_is_stored() -> None:
    assert [*ResourceKind, *RunKind, *ActivationKind] == [
        "base-connection",
        "profile-store-connection",
        "source-connection",
        "target-connection",
        "dataflow",
        "ad-hoc-run",
        "mapping-set",
        "activation",
    ]


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        Outcome(execution="e", verdict="EMPTY", finished_at=datetime(2027, 1, 1))  # noqa: DTZ001 - that is the point


def test_times_are_kept_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    outcome = Outcome(execution="e", verdict="EMPTY", finished_at=datetime(2027, 1, 1, 9, tzinfo=tokyo))
    assert outcome.model_dump(mode="json")["finished_at"] == "2027-01-01T00:00:00.000000+00:00"
    assert outcome.finished_at.tzinfo is UTC


def test_texts_of_times_have_one_width() -> None:
    assert len(as_text(datetime(2027, 1, 1, tzinfo=UTC))) == len(as_text(datetime(2027, 1, 1, 1, 1, 1, 1, tzinfo=UTC)))


def test_a_done_without_an_id_cannot_be_made() -> None:
    with pytest.raises(ValidationError):
        Done(action=Action.CREATE, resource_id="", fingerprint="f")


def test_an_intent_that_was_given_up_cannot_be_done() -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)
    intent = Intent(intent_id="i", action=Action.CREATE, fingerprint="f")
    entry = JournalEntry(key=ResourceKind.DATAFLOW).with_intent(intent, written_at=now, fencing_token=1)
    assert entry.without_intent().is_empty
    with pytest.raises(Exception, match="has no intent i") as caught:
        entry.without_intent().with_done(
            Done(intent_id="i", action=Action.CREATE, resource_id="r", fingerprint="f"), written_at=now, fencing_token=1
        )
    assert getattr(caught.value, "code", None) == "state.intent-unknown"


NOW = datetime(2027, 1, 1, tzinfo=UTC)


def announced() -> JournalEntry:
    intent = Intent(intent_id="first", action=Action.CREATE, fingerprint="f")
    return JournalEntry(key=ResourceKind.DATAFLOW).with_intent(intent, written_at=NOW, fencing_token=1)


def test_what_is_pending_is_told_with_what_it_keeps_from_being_written() -> None:
    other = Intent(intent_id="second", action=Action.CREATE, fingerprint="f")
    done = Done(intent_id="second", action=Action.CREATE, resource_id="made", fingerprint="f")

    with pytest.raises(InternalError) as intended:
        announced().with_intent(other, written_at=NOW, fencing_token=1)
    with pytest.raises(InternalError) as confirmed:
        announced().with_done(done, written_at=NOW, fencing_token=1)

    for document in (intended.value.document(), confirmed.value.document()):
        assert document.code == "state.intent-pending"
        assert ResourceKind.DATAFLOW in document.message
        assert "first" in document.message
        assert "second" in document.message
        assert document.hint
    assert "made" in confirmed.value.message


def test_what_was_replaced_and_what_remains_cannot_be_forgotten() -> None:
    replaced = JournalEntry(key=ResourceKind.DATAFLOW, superseded=("a", "b"))

    with pytest.raises(InternalError) as caught:
        replaced.forgotten()
    with pytest.raises(InternalError) as remaining:
        refuse_remaining({ResourceKind.DATAFLOW: replaced})

    assert (caught.value.document().code, caught.value.details) == ("state.superseded-remain", ["a", "b"])
    assert (remaining.value.document().code, remaining.value.details) == ("state.resources-remain", ["dataflow"])
