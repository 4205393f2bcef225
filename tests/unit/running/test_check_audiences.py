from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.check import Look, look_at_run
from aep_delivery.running.models import AwaitedRun, RunOutcome, RunStatus, RunTrigger
from aep_delivery.runtime.clock import FixedClock
from tests.unit.running.runs import FakeRuns

SLOT = datetime(2027, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AWAITED = AwaitedRun(
    flow_id="flow",
    trigger=RunTrigger.SCHEDULED,
    slot=SLOT,
    next_slot=SLOT + timedelta(hours=24),
    next_of_any=SLOT + timedelta(hours=1),
    deadline=SLOT + timedelta(hours=4),
    audiences=["a", "b"],
)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(SLOT + 10 * MINUTE)


@pytest.fixture
def adobe(clock: FixedClock) -> FakeRuns:
    return FakeRuns(clock)


def figures(files: int = 1, **audiences: int) -> dict[str, Any]:
    entities = [{"id": f"segment:{name}", "outputRecordCount": count} for name, count in audiences.items()]
    return {
        "recordSummary": {
            "outputRecordCount": sum(audiences.values()),
            "sourceSummaries": [{"id": "s", "entitySummaries": [{"id": one["id"]} for one in entities]}],
            "targetSummaries": [{"id": "t", "entitySummaries": entities}],
        },
        "fileSummary": {"outputFileCount": files},
        "sizeSummary": {"outputBytes": 7},
    }


def look(adobe: FakeRuns, awaited: AwaitedRun = AWAITED) -> Look:
    return look_at_run(awaited, adobe.service, polls=0, first_wait=30)


def outcome(adobe: FakeRuns, awaited: AwaitedRun = AWAITED) -> RunOutcome:
    found = look(adobe, awaited).outcome
    assert found is not None
    return found


def test_t75_one_run_for_each_merge_policy_is_added_up(adobe: FakeRuns) -> None:
    adobe.add("yesterday", SLOT - timedelta(hours=24), "failed", **figures(a=99))
    adobe.add("one", SLOT + MINUTE, "success", **figures(a=3))
    adobe.add("two", SLOT + 5 * MINUTE, "success", **figures(2, b=4))

    found = outcome(adobe)

    assert found.status is RunStatus.SUCCESS
    assert sorted(found.run_ids) == ["one", "two"]
    assert (found.records, found.files, found.bytes) == (7, 3, 14)
    assert (found.audiences, found.audience_records) == (["a", "b"], {"a": 3, "b": 4})
    assert not found.backfill


def test_one_merge_policys_run_is_not_the_end(adobe: FakeRuns, clock: FixedClock) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(a=3))

    assert (look(adobe).status, look(adobe).outcome) == (RunStatus.RUNNING, None)

    clock.sleep(timedelta(hours=4).total_seconds())
    late = outcome(adobe)
    assert (late.status, late.audience_records) == (RunStatus.SUCCESS, {"a": 3})


def test_a_run_that_does_not_say_of_which_audiences_it_is_counts_for_all(adobe: FakeRuns) -> None:
    adobe.add("one", SLOT + MINUTE, "success", recordSummary={"outputRecordCount": 3})

    found = outcome(adobe)

    assert (found.records, found.audience_records) == (3, {})


def test_runs_of_other_audiences_are_left_alone(adobe: FakeRuns) -> None:
    adobe.add("ours", SLOT + MINUTE, "success", **figures(a=3, b=4))
    adobe.add("theirs", SLOT + 2 * MINUTE, "failed", **figures(x=1))

    assert outcome(adobe).run_ids == ["ours"]


def test_a_run_of_ours_that_comes_after_anothers_slot_is_still_ours(adobe: FakeRuns, clock: FixedClock) -> None:
    clock.sleep(7200)
    adobe.add("ours", SLOT + 70 * MINUTE, "success", **figures(a=3, b=4))
    adobe.add("silent", SLOT + 75 * MINUTE, "failed")

    assert outcome(adobe).run_ids == ["ours"]


def test_figures_that_mix_in_other_audiences_are_not_reported(adobe: FakeRuns) -> None:
    adobe.add("shared", SLOT + MINUTE, "success", **figures(5, a=3, b=4, x=100))

    found = outcome(adobe)

    assert (found.records, found.files, found.bytes) == (7, None, None)


def test_an_empty_run_is_empty(adobe: FakeRuns) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(0, a=0, b=0))

    found = outcome(adobe)

    assert (found.status, found.audience_records, found.backfill) == (RunStatus.EMPTY, {"a": 0, "b": 0}, True)


def test_an_earlier_run_of_other_audiences_is_no_earlier_run(adobe: FakeRuns) -> None:
    adobe.add("theirs", SLOT - timedelta(hours=24), "success", **figures(x=1))
    adobe.add("ours", SLOT + MINUTE, "success", **figures(a=3, b=4))

    assert outcome(adobe).backfill


def test_t76_without_a_run_the_audiences_are_named(adobe: FakeRuns, clock: FixedClock) -> None:
    clock.sleep(timedelta(hours=4).total_seconds())

    found = outcome(adobe)

    assert (found.status, found.audiences) == (RunStatus.NO_RUN, ["a", "b"])


def test_a_day_is_waited_for_to_its_end_and_further(adobe: FakeRuns, clock: FixedClock) -> None:
    day = AWAITED.model_copy(
        update={
            "slot": datetime(2027, 1, 1, tzinfo=UTC),
            "next_slot": datetime(2027, 1, 2, tzinfo=UTC),
            "next_of_any": None,
            "deadline": datetime(2027, 1, 2, 4, tzinfo=UTC),
            "slot_kind": SlotKind.DAY,
        }
    )
    assert look(adobe, day).outcome is None
    adobe.add("followed", datetime(2027, 1, 1, 3, tzinfo=UTC), "success", **figures(a=3, b=4))

    found = outcome(adobe, day)

    assert (found.run_ids, found.slot_kind) == (["followed"], SlotKind.DAY)


def test_an_ad_hoc_run_waits_for_all_the_runs_that_were_named(adobe: FakeRuns) -> None:
    asked = AwaitedRun(
        flow_id="flow",
        trigger=RunTrigger.NOW,
        slot=SLOT,
        deadline=SLOT + timedelta(hours=4),
        audiences=["a", "b"],
        run_ids=["one", "two"],
    )
    adobe.add("one", SLOT + MINUTE, "success", **figures(a=3))
    assert look(adobe, asked).outcome is None

    adobe.add("two", SLOT + MINUTE, "success")

    assert sorted(outcome(adobe, asked).run_ids) == ["one", "two"]


def test_runs_of_one_audience_are_added_up(adobe: FakeRuns) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(a=3, b=1))
    adobe.add("two", SLOT + 5 * MINUTE, "success", **figures(a=4))

    assert outcome(adobe).audience_records == {"a": 7, "b": 1}


def test_figures_of_a_run_of_exactly_these_audiences_are_theirs(adobe: FakeRuns) -> None:
    said = figures(2, a=3, b=4)
    said["recordSummary"]["outputRecordCount"] = 9
    del said["recordSummary"]["targetSummaries"]
    adobe.add("one", SLOT + MINUTE, "success", **said)

    found = outcome(adobe)

    assert (found.records, found.files, found.audience_records) == (9, 2, {})


def test_figures_of_a_run_of_other_peoples_audiences_too_are_nobodys(adobe: FakeRuns) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(2, a=3, b=4, theirs=100))

    found = outcome(adobe)

    assert (found.records, found.files, found.bytes) == (7, None, None)
    assert found.audience_records == {"a": 3, "b": 4}


def test_where_no_audience_is_awaited_a_runs_figures_are_its_own(adobe: FakeRuns) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(2, a=3))

    assert outcome(adobe, AWAITED.model_copy(update={"audiences": []})).files == 2


def test_a_run_of_the_next_slot_is_not_of_this_one(adobe: FakeRuns, clock: FixedClock) -> None:
    adobe.add("next", SLOT + timedelta(hours=24), "success", **figures(a=3, b=4))
    clock.sleep(timedelta(hours=25).total_seconds())

    assert look(adobe).status is RunStatus.NO_RUN


def test_at_the_very_deadline_what_there_is_counts(adobe: FakeRuns, clock: FixedClock) -> None:
    adobe.add("one", SLOT + MINUTE, "success", **figures(a=3))
    clock.sleep((timedelta(hours=4) - 10 * MINUTE).total_seconds())

    assert clock.now() == AWAITED.deadline
    assert outcome(adobe).audience_records == {"a": 3}
