from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.status.records import MOST_ENDINGS, Ending, Finding, Known, StatusRecord

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 1, tzinfo=UTC)
FRESH = StatusRecord(delivery_id="prod/orders", since=START + timedelta(days=90))


def numbered(number: int) -> Ending:
    at = START + number * timedelta(days=7)
    return Ending(
        execution=f"e-{number}",
        verdict="VERIFIED" if number % 2 else "CORRUPT",
        good=bool(number % 2),
        reason=f"number {number}",
        finished_at=at,
        slot=at - HOUR,
        bytes=10**number,
        # Pairs of executions verify the same run.
        run_ids=(f"run-{number}",),
    )


@given(st.lists(st.integers(0, 6), min_size=1, max_size=20))
def test_events_in_any_order_and_any_number_of_times_come_to_the_same(numbers: list[int]) -> None:
    told = FRESH
    for number in numbers:
        told = told.with_ending(numbered(number), Known(count=number))
    in_order = FRESH
    for number in sorted(set(numbers)):
        in_order = in_order.with_ending(numbered(number), Known(count=number))
    different = {"revision"}
    assert told.model_dump(exclude=different) == in_order.model_dump(exclude=different)
    assert sum(told.months.values()) == sum(10**number for number in set(numbers))


def test_a_run_that_is_verified_again_weighs_once(record, ending, known) -> None:
    once = record().with_ending(ending("e-1", verdict="CORRUPT", run_ids=("r",), bytes=500), known())
    again = once.with_ending(ending("e-2", ago=HOUR / 2, run_ids=("r",), bytes=700), known())
    assert sum(again.months.values()) == sum(again.days.values()) == 700
    assert [one.execution for one in again.endings] == ["e-2", "e-1"]


def test_a_first_full_export_counts_as_delivered_but_not_for_the_pace(record, ending, known) -> None:
    found = record().with_ending(ending(backfill=True, bytes=10**12), known())
    assert (found.months, found.days) == ({"2026-11": 10**12}, {})


def test_the_latest_are_kept_and_the_last_good_one_however_old(record, ending, known) -> None:
    found = record().with_ending(ending("good", ago=timedelta(days=3)), known())
    for number in range(MOST_ENDINGS + 5):
        found = found.with_ending(ending(f"e-{number}", verdict="CORRUPT", ago=HOUR * (20 - number)), known())
    assert len(found.endings) == MOST_ENDINGS
    assert found.endings[0].execution == f"e-{MOST_ENDINGS + 4}"
    assert found.latest_good is not None
    assert found.latest_good.execution == "good"


def test_a_failure_that_knew_nothing_leaves_what_is_known(record, ending, known) -> None:
    found = record().with_ending(ending(), known()).with_ending(ending("e-2", verdict="FAILED", ago=HOUR / 2), Known())
    assert found.known == known()
    assert found.endings[0].verdict == "FAILED"


def test_a_removed_delivery_may_come_back(record, ending, known, now) -> None:
    found = record().with_ending(ending(), known())
    removed = found.with_removal(now)
    assert (found.is_removed, removed.is_removed) == (False, True)
    assert removed.with_ending(ending("e-2", ago=-HOUR), known()).is_removed is False
    # An event of an ending from before the removal that comes late.
    assert removed.with_ending(ending("e-0", ago=5 * HOUR), known()).is_removed is True


def test_a_finding_holds_until_the_delivery_is_applied_anew(record, ending, known, now) -> None:
    drift = Finding(code="drift-found", reason="disabled", found_at=now)
    late = Finding(code="delivery-late", reason="nothing came", found_at=now)
    found = record().with_ending(ending(), known()).with_finding(drift).with_finding(late)
    assert {one.code for one in found.findings} == {"drift-found", "delivery-late"}
    again = found.with_finding(drift.model_copy(update={"reason": "older", "found_at": now - HOUR}))
    assert again.findings == found.findings
    failed = found.with_ending(
        ending("e-2", verdict="FAILED", ago=-HOUR, slot=None).model_copy(update={"slot": None}), known()
    )
    assert failed.findings == found.findings
    assert found.with_ending(ending("e-3", ago=-HOUR), known()).findings == ()
    # Its event may come before that of the finding.
    assert record().with_ending(ending("e-3", ago=-HOUR), known()).with_finding(drift).findings == ()
    assert [one.code for one in found.without_finding("drift-found", now).findings] == ["delivery-late"]
    assert found.without_finding("drift-found", now - HOUR).findings == found.findings


def test_verifying_a_run_repairs_no_drift_and_makes_good_what_was_late(record, ending, known, now) -> None:
    found = record().with_finding(Finding(code="drift-found", reason="disabled", found_at=now))
    found = found.with_finding(Finding(code="delivery-late", reason="nothing came", found_at=now))
    verified = found.with_ending(ending(ago=-HOUR, applied=False), known())
    assert [one.code for one in verified.findings] == ["drift-found"]
    corrupt = found.with_ending(ending(ago=-HOUR, verdict="CORRUPT"), known())
    assert [one.code for one in corrupt.findings] == ["delivery-late"]


def test_texts_are_cut(record, ending, known, now) -> None:
    long = ending().model_copy(update={"reason": "x" * 10_000})
    found = record().with_ending(long, known())
    found = found.with_finding(Finding(code="drift-found", reason="x" * 10_000, found_at=now))
    assert len(found.model_dump_json()) < 4_000
