"""Whatever is stored comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.state.instant import as_text
from aep_delivery.state.items import JOURNAL, entry_from_item, entry_to_item, from_item, key_of, to_item
from aep_delivery.state.lock import Lock, LockRecord
from aep_delivery.state.records import Applied, DoneRecord, IntentRecord, JournalEntry, Outcome

ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-14), timedelta(hours=14)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001 - zones are drawn
TEXT = st.text(max_size=20)
COUNTS = st.none() | st.integers(0, 10**15)


INTENTS = st.builds(
    IntentRecord,
    intent_id=st.text(min_size=1, max_size=20),
    fingerprint=TEXT,
    resource_id=st.none() | TEXT,
    etag=st.none() | TEXT,
    credential_version=st.none() | TEXT,
    written_at=MOMENTS,
    fencing_token=st.integers(1, 10**15),
)
DONES = st.builds(
    DoneRecord,
    intent_id=st.none() | TEXT,
    resource_id=st.text(min_size=1, max_size=20),
    etag=st.none() | TEXT,
    fingerprint=TEXT,
    credential_version=st.none() | TEXT,
    run_ids=st.lists(TEXT, max_size=3).map(tuple),
    intended_at=st.none() | MOMENTS,
    written_at=MOMENTS,
    fencing_token=st.integers(1, 10**15),
)
ENTRIES = st.builds(
    JournalEntry,
    done=st.none() | DONES,
    intent=st.none() | INTENTS,
    superseded=st.lists(TEXT, max_size=3).map(tuple),
)
LOCKS = st.builds(
    LockRecord,
    token=st.integers(0, 10**15),
    holder=st.none()
    | st.builds(
        Lock, delivery_id=TEXT, owner=TEXT, token=st.integers(0, 10**15), acquired_at=MOMENTS, expires_at=MOMENTS
    ),
)
APPLIED = st.builds(
    Applied, config_key=TEXT, plan_key=TEXT, execution=TEXT, config_fingerprint=TEXT, applied_at=MOMENTS
)
OUTCOMES = st.builds(
    Outcome,
    execution=TEXT,
    verdict=TEXT,
    finished_at=MOMENTS,
    receipt_uri=st.none() | TEXT,
    flow_id=st.none() | TEXT,
    rows=COUNTS,
    bytes=COUNTS,
    files=COUNTS,
)


@given(ENTRIES)
def test_a_journal_entry_survives_the_round_trip(entry: JournalEntry) -> None:
    assert entry_from_item(entry_to_item(key_of("prod/flights", JOURNAL + entry.key), entry)) == entry


@given(LOCKS | OUTCOMES | APPLIED)
def test_a_record_survives_the_round_trip(record: LockRecord | Outcome | Applied) -> None:
    assert from_item(to_item(key_of("prod/flights", "any"), record), type(record)) == record


@given(LOCKS | OUTCOMES | APPLIED | ENTRIES)
def test_no_item_has_the_attribute_that_lets_it_vanish(record: LockRecord | Outcome | Applied | JournalEntry) -> None:
    assert "expires_at" not in to_item(key_of("prod/flights", "any"), record)


@given(MOMENTS, MOMENTS)
def test_texts_of_times_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (as_text(one) < as_text(other)) == (one.astimezone(UTC) < other.astimezone(UTC))
