from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.planning import audience_schedule
from aep_delivery.status.freshness import ENDS_SOON, Freshness, judge
from aep_delivery.status.records import Finding

HOUR = timedelta(hours=1)
SIX = datetime(2026, 11, 22, 6, tzinfo=UTC)


def test_a_good_verdict_for_the_latest_slot_is_fresh(record, ending, known, now) -> None:
    judged = judge(record().with_ending(ending(slot=SIX), known()), now)
    assert (judged.freshness, judged.due, judged.deadline) == (Freshness.FRESH, SIX, SIX + HOUR)
    assert (judged.next_run, judged.next_run_all_day) == (SIX + 6 * HOUR, False)


@pytest.mark.parametrize(("verdict", "slot"), [("CORRUPT", SIX), ("VERIFIED", SIX - 6 * HOUR)])
def test_a_bad_verdict_or_an_older_slot_is_late(record, ending, known, now, *, verdict: str, slot: datetime) -> None:
    judged = judge(record().with_ending(ending(verdict=verdict, slot=slot), known()), now)
    assert (judged.freshness, judged.due) == (Freshness.LATE, SIX)


def test_nothing_is_late_before_its_deadline(record, ending, known, now) -> None:
    found = record().with_ending(ending(slot=SIX - 6 * HOUR), known())
    assert judge(found, SIX + HOUR - timedelta(seconds=1)).freshness is Freshness.FRESH
    assert judge(found, SIX + HOUR).freshness is Freshness.LATE


def test_slots_from_before_anybody_asked_are_not_missed(record, ending, known, now) -> None:
    found = record().with_ending(ending(verdict="CORRUPT", slot=SIX), known())
    found = found.model_copy(update={"since": now - HOUR})
    assert judge(found, now).freshness is Freshness.WAITING


def test_a_day_of_segmentation_is_due_after_its_end(record, ending, known) -> None:
    found = record().with_ending(ending(slot=datetime(2026, 11, 20, tzinfo=UTC)), known(all_day=True))
    found = found.model_copy(update={"known": known(all_day=True)})
    rhythm = found.known.expected.rhythms[0].model_copy(update={"hours": 24})
    expected = found.known.expected.model_copy(update={"rhythms": (rhythm,)})
    found = found.model_copy(update={"known": found.known.model_copy(update={"expected": expected})})
    assert judge(found, datetime(2026, 11, 22, 0, 59, tzinfo=UTC)).freshness is Freshness.FRESH
    judged = judge(found, datetime(2026, 11, 22, 1, tzinfo=UTC))
    assert (judged.freshness, judged.next_run_all_day) == (Freshness.LATE, True)


def test_runs_by_hand_are_never_late(record, ending, known, now) -> None:
    found = record().with_ending(ending(ago=timedelta(days=9)), known(trigger="NOW"))
    assert judge(found, now).freshness is Freshness.ON_REQUEST


def test_the_word_of_the_watch_counts(record, ending, known, now) -> None:
    found = record().with_ending(ending(slot=SIX), known(trigger="NOW"))
    late = Finding(code="delivery-late", reason="nothing came", found_at=now)
    assert judge(found.with_finding(late), now).freshness is Freshness.LATE


def test_what_never_got_far_has_no_expectation(record, now) -> None:
    assert judge(record(), now).freshness is Freshness.UNKNOWN


def test_ends(record, ending, known, now) -> None:
    assert ENDS_SOON == audience_schedule.ENDS_SOON
    soon = judge(record().with_ending(ending(slot=SIX), known(ends=now + timedelta(days=29))), now)
    later = judge(record().with_ending(ending(slot=SIX), known(ends=now + timedelta(days=31))), now)
    ended = judge(record().with_ending(ending(slot=SIX), known(ends=now - HOUR)), now)
    assert (soon.ends_soon, soon.has_ended, soon.ends_at) == (True, False, now + timedelta(days=29))
    assert (later.ends_soon, later.has_ended) == (False, False)
    assert (ended.ends_soon, ended.has_ended, ended.next_run) == (False, True, None)
    assert ended.freshness is Freshness.FRESH
