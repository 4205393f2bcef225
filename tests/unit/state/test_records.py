from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

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
