from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.check import LONGEST_WAIT, Look, look_at_run
from aep_delivery.running.models import AwaitedRun, RunStatus, RunTrigger
from aep_delivery.runtime.clock import FixedClock
from tests.unit.running.runs import FakeRuns

SLOT = datetime(2027, 1, 1, 12, tzinfo=UTC)
SCHEDULED = AwaitedRun(
    flow_id="flow",
    trigger=RunTrigger.SCHEDULED,
    slot=SLOT,
    next_slot=SLOT + timedelta(hours=3),
    deadline=SLOT + timedelta(hours=4),
)
AD_HOC = AwaitedRun(
    flow_id="flow", trigger=RunTrigger.NOW, slot=SLOT, deadline=SLOT + timedelta(hours=4), run_ids=["mine"]
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SLOT + timedelta(minutes=10))


@pytest.fixture
def adobe(clock: FixedClock) -> FakeRuns:
    return FakeRuns(clock)


def look(adobe: FakeRuns, awaited: AwaitedRun = SCHEDULED, polls: int = 0) -> Look:
    return look_at_run(awaited, adobe.service, polls=polls, first_wait=30)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Success", RunStatus.SUCCESS),
        ("success", RunStatus.SUCCESS),
        ("COMPLETED", RunStatus.SUCCESS),
        ("PARTIAL_SUCCESS", RunStatus.PARTIAL),
        ("partialSuccess", RunStatus.PARTIAL),
        ("Processing", RunStatus.RUNNING),
        ("IN_PROGRESS", RunStatus.RUNNING),
        ("QUEUED", RunStatus.RUNNING),
        ("Failed", RunStatus.FAILED),
        ("weird", RunStatus.RUNNING),
    ],
)
def test_t69_every_vocabulary_is_understood(adobe: FakeRuns, word: str, status: RunStatus) -> None:
    adobe.add("run", SLOT + timedelta(seconds=1), word)

    seen = look(adobe)

    assert seen.status is status
    assert (seen.outcome is None) is (status is RunStatus.RUNNING)


def test_t74_run_without_metrics_is_under_way(adobe: FakeRuns) -> None:
    adobe.add("run", SLOT + timedelta(seconds=1), None)

    seen = look(adobe)

    assert (seen.status, seen.outcome) == (RunStatus.RUNNING, None)
    assert seen.wait_seconds > 0


def test_t75_two_runs_of_a_slot_are_added_up_and_others_ignored(adobe: FakeRuns) -> None:
    figures = {"recordSummary": {"outputRecordCount": 10}, "fileSummary": {"outputFileCount": 2}}
    adobe.add("older", SLOT - timedelta(seconds=1), "failed")
    adobe.add("one", SLOT, "success", **figures)
    adobe.add("two", SLOT + timedelta(minutes=5), "success", **figures, sizeSummary={"outputBytes": 7})
    adobe.add("next", SLOT + timedelta(hours=3), "failed")

    outcome = look(adobe).outcome

    assert outcome is not None
    assert outcome.status is RunStatus.SUCCESS
    assert sorted(outcome.run_ids) == ["one", "two"]
    assert (outcome.records, outcome.files, outcome.bytes) == (20, 4, 7)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("success", "failed"), RunStatus.FAILED),
        (("success", "partialSuccess"), RunStatus.PARTIAL),
        (("failed", "processing"), RunStatus.RUNNING),
    ],
)
def test_the_worst_of_several_runs_counts_once_all_have_ended(
    adobe: FakeRuns, words: tuple[str, ...], status: RunStatus
) -> None:
    for number, word in enumerate(words):
        adobe.add(f"run-{number}", SLOT + timedelta(seconds=number), word)

    assert look(adobe).status is status


def test_t76_no_run_by_the_deadline_is_no_run_and_no_failure(adobe: FakeRuns, clock: FixedClock) -> None:
    clock.sleep(4 * 3600)

    seen = look(adobe)

    assert seen.status is RunStatus.NO_RUN
    assert seen.outcome is not None
    assert seen.outcome.status is RunStatus.NO_RUN
    assert seen.outcome.errors == ["No run appeared within 4 hours of its slot."]


def test_run_that_goes_on_at_the_deadline_is_told(adobe: FakeRuns, clock: FixedClock) -> None:
    adobe.add("slow", SLOT, "processing")
    clock.sleep(4 * 3600)

    outcome = look(adobe).outcome

    assert outcome is not None
    assert (outcome.status, outcome.run_ids) == (RunStatus.NO_RUN, ["slow"])
    assert outcome.errors == ["Run slow was still RUNNING at the deadline."]


def test_run_that_ended_late_still_counts(adobe: FakeRuns, clock: FixedClock) -> None:
    adobe.add("late", SLOT, "success")
    clock.sleep(9 * 3600)

    assert look(adobe).status is RunStatus.SUCCESS


@pytest.mark.parametrize(
    ("metrics", "status"),
    [
        ({"recordSummary": {"outputRecordCount": 0}}, RunStatus.EMPTY),
        ({"recordSummary": {"outputRecordCount": 0}, "fileSummary": {"outputFileCount": 0}}, RunStatus.EMPTY),
        ({"recordSummary": {"outputRecordCount": 0}, "fileSummary": {"outputFileCount": 1}}, RunStatus.SUCCESS),
        ({}, RunStatus.SUCCESS),
    ],
)
def test_success_with_nothing_in_it_is_empty(
    adobe: FakeRuns, metrics: dict[str, dict[str, int]], status: RunStatus
) -> None:
    adobe.add("run", SLOT, "success", **metrics)
    assert look(adobe).status is status


def test_t68_first_scheduled_run_is_a_backfill_and_the_second_is_not(adobe: FakeRuns) -> None:
    adobe.add("first", SLOT)
    first = look(adobe).outcome
    adobe.add("earlier", SLOT - timedelta(days=1))
    second = look(adobe).outcome

    assert first is not None
    assert second is not None
    assert (first.backfill, second.backfill) == (True, False)


def test_only_the_named_runs_belong_to_an_ad_hoc_call(adobe: FakeRuns) -> None:
    adobe.add("scheduled", SLOT + timedelta(seconds=1), "failed")
    adobe.add("mine", SLOT + timedelta(seconds=2))

    seen = look(adobe, AD_HOC)

    assert seen.outcome is not None
    assert (seen.status, seen.outcome.run_ids, seen.outcome.backfill) == (RunStatus.SUCCESS, ["mine"], False)


def test_where_adobe_named_no_run_it_is_the_first_since_the_call(adobe: FakeRuns) -> None:
    adobe.add("before", SLOT - timedelta(seconds=1), "failed")
    adobe.add("mine", SLOT + timedelta(seconds=1))
    adobe.add("later", SLOT + timedelta(hours=1), "failed")

    seen = look(adobe, AD_HOC.model_copy(update={"run_ids": []}))

    assert seen.outcome is not None
    assert seen.outcome.run_ids == ["mine"]
    adobe.add("latest", SLOT + timedelta(hours=2), "failed")
    assert look(adobe, AD_HOC.model_copy(update={"run_ids": []})).run_ids == ["mine"]


def test_runs_before_the_slot_are_not_even_read_while_waiting(adobe: FakeRuns) -> None:
    look(adobe)
    assert adobe.asked == [SLOT]


def test_before_the_slot_it_waits_for_it(adobe: FakeRuns) -> None:
    awaited = SCHEDULED.model_copy(update={"slot": SLOT + timedelta(hours=2), "deadline": SLOT + timedelta(hours=6)})

    seen = look(adobe, awaited)

    assert (seen.outcome, seen.wait_seconds) == (None, 110 * 60 + 1)


@settings(deadline=None)
@given(polls=st.integers(0, 100_000), first_wait=st.integers(1, 300))
def test_waits_grow_and_are_capped(polls: int, first_wait: int) -> None:
    awaited = SCHEDULED.model_copy(update={"deadline": SLOT + timedelta(days=7)})
    adobe = FakeRuns(FixedClock(SLOT))

    one = look_at_run(awaited, adobe.service, polls=polls, first_wait=first_wait).wait_seconds
    next_one = look_at_run(awaited, adobe.service, polls=polls + 1, first_wait=first_wait).wait_seconds

    assert first_wait <= one <= next_one <= LONGEST_WAIT


@pytest.mark.parametrize(("hours", "most"), [(4, 40), (30, 220), (7 * 24, 1050)])
def test_number_of_looks_is_bounded_and_the_deadline_is_met(hours: int, most: int) -> None:
    clock = FixedClock(SLOT - timedelta(days=40))
    adobe = FakeRuns(clock)
    awaited = SCHEDULED.model_copy(update={"deadline": SLOT + timedelta(hours=hours)})
    looks = 0
    while (seen := look_at_run(awaited, adobe.service, polls=looks, first_wait=30)).outcome is None:
        looks += 1
        clock.sleep(seen.wait_seconds)

    assert looks <= most
    assert seen.status is RunStatus.NO_RUN
    assert timedelta() <= clock.now() - awaited.deadline <= timedelta(seconds=2)


def test_what_is_seen_is_named_at_every_look(adobe: FakeRuns, clock: FixedClock) -> None:
    assert (look(adobe).status, look(adobe).run_ids) == (RunStatus.NO_RUN, [])
    adobe.add("run", SLOT, "processing")
    assert (look(adobe).status, look(adobe).run_ids) == (RunStatus.RUNNING, ["run"])
    clock.sleep(4 * 3600)
    assert (look(adobe).status, look(adobe).run_ids) == (RunStatus.NO_RUN, ["run"])
    adobe.listed.clear()
    adobe.add("run", SLOT)
    assert (look(adobe).status, look(adobe).run_ids) == (RunStatus.SUCCESS, ["run"])


def test_at_the_very_deadline_it_is_over(adobe: FakeRuns, clock: FixedClock) -> None:
    clock.sleep(4 * 3600 - 10 * 60 - 1)
    assert look(adobe).outcome is None
    clock.sleep(1)
    assert clock.now() == SCHEDULED.deadline
    assert look(adobe).outcome is not None


def test_the_last_wait_ends_a_second_after_the_deadline(adobe: FakeRuns, clock: FixedClock) -> None:
    clock.sleep(4 * 3600 - 10 * 60 - 7)
    assert look(adobe).wait_seconds == 8


@pytest.mark.parametrize(("first_wait", "polls", "wait"), [(1, 0, 1), (30, 0, 30), (30, 1, 39), (30, 9_999, 600)])
def test_a_wait_is_a_whole_number_of_seconds(adobe: FakeRuns, first_wait: int, polls: int, wait: int) -> None:
    assert look_at_run(SCHEDULED, adobe.service, polls=polls, first_wait=first_wait).wait_seconds == wait


def test_all_that_runs_say_is_kept(adobe: FakeRuns) -> None:
    def metrics(began: datetime, ended: datetime, *, skipped: int, failed: int, code: str) -> dict[str, Any]:
        return {
            "durationSummary": {
                "startedAtUTC": round(began.timestamp() * 1000),
                "completedAtUTC": round(ended.timestamp() * 1000),
            },
            "recordSummary": {
                "skippedRecordCount": skipped,
                "failedRecordCount": failed,
                "skippedInfo": [{"code": f"SKIP-{code}", "message": "why"}],
                "failedInfo": [{"code": f"FAIL-{code}", "message": "why"}],
            },
        }

    minute = timedelta(minutes=1)
    adobe.add("one", SLOT, "success", **metrics(SLOT + minute, SLOT + 3 * minute, skipped=1, failed=10, code="1"))
    adobe.add(
        "two", SLOT + minute, "success", **metrics(SLOT + 2 * minute, SLOT + 5 * minute, skipped=2, failed=20, code="2")
    )

    outcome = look(adobe, SCHEDULED.model_copy(update={"slot_kind": SlotKind.DAY})).outcome

    assert outcome is not None
    assert (outcome.started_at, outcome.completed_at) == (SLOT + minute, SLOT + 5 * minute)
    assert (outcome.skipped_records, outcome.failed_records) == (3, 30)
    assert sorted(outcome.errors) == ["FAIL-1: why", "FAIL-2: why", "SKIP-1: why", "SKIP-2: why"]
    assert outcome.slot_kind is SlotKind.DAY


@pytest.mark.parametrize(
    ("waited", "told"),
    [
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=119, seconds=59), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=2, minutes=30), "2.5 hours"),
    ],
)
def test_how_long_was_waited_is_told(adobe: FakeRuns, clock: FixedClock, waited: timedelta, told: str) -> None:
    clock.sleep(9 * 3600)
    awaited = SCHEDULED.model_copy(update={"deadline": SLOT + waited, "slot_kind": SlotKind.DAY, "audiences": ["a"]})

    outcome = look(adobe, awaited).outcome

    assert outcome is not None
    assert outcome.errors == [f"No run appeared within {told} of its slot."]
    assert (outcome.slot_kind, outcome.audiences) == (SlotKind.DAY, ["a"])
