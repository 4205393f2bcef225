from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.adobe.models import Run
from aep_delivery.running.audience_slots import SlotKind
from aep_delivery.running.past_runs import GIVE_UP_AFTER, SETTLED_AFTER, as_awaited, ended_well, is_ripe, keys_of
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.errors import InternalError
from tests.unit.running.runs import FakeRuns
from tests.unit.running.test_timetable import audience, datasets

START = datetime(2027, 1, 1, 2, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def adobe() -> FakeRuns:
    return FakeRuns(FixedClock(START))


def metrics(completed: datetime | None = None, *audiences: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if completed:
        found["durationSummary"] = {"completedAtUTC": round(completed.timestamp() * 1000)}
    if audiences:
        entities = [{"id": f"segment:{one}", "outputRecordCount": 1} for one in audiences]
        found["recordSummary"] = {"targetSummaries": [{"entitySummaries": entities}]}
    return found


def only(adobe: FakeRuns) -> Run:
    return adobe.listed[-1]


@pytest.mark.parametrize("status", ["success", "partialSuccess", "failed"])
def test_a_run_is_ripe_some_time_after_its_end(adobe: FakeRuns, status: str) -> None:
    adobe.add("run", START, status, **metrics(START + HOUR))
    assert not is_ripe(only(adobe), START + HOUR + SETTLED_AFTER - SECOND)
    assert is_ripe(only(adobe), START + HOUR + SETTLED_AFTER)


@pytest.mark.parametrize("status", ["inProgress", "weird", None])
def test_a_run_that_is_going_is_given_up_after_a_week(adobe: FakeRuns, status: str | None) -> None:
    adobe.add("run", START, status)
    assert not is_ripe(only(adobe), START + GIVE_UP_AFTER - SECOND)
    assert is_ripe(only(adobe), START + GIVE_UP_AFTER)


def test_a_run_without_a_time_is_never_ripe() -> None:
    run = Run.model_validate({"id": "run", "metrics": {"statusSummary": {"status": "success"}}})
    assert not is_ripe(run, START)
    with pytest.raises(InternalError):
        as_awaited(run, "flow", [datasets()], lambda _: [])


@pytest.mark.parametrize(
    ("status", "well"), [("success", True), ("partialSuccess", True), ("failed", False), ("inProgress", False)]
)
def test_what_ended_well(adobe: FakeRuns, status: str, well: bool) -> None:
    adobe.add("run", START, status)
    assert ended_well(only(adobe)) is well


def awaited(adobe: FakeRuns, *timetables: Any) -> Any:
    return as_awaited(only(adobe), "flow", timetables, lambda moment: adobe.runs("flow", moment))


def test_the_first_run_of_a_slot_is_of_the_slot_and_a_later_one_is_of_its_own_time(adobe: FakeRuns) -> None:
    adobe.add("scheduled", START + 3 * HOUR + SECOND)
    first = awaited(adobe, datasets())
    adobe.add("by hand", START + 4 * HOUR)
    second = awaited(adobe, datasets())

    assert (first.slot, first.run_ids, first.audiences) == (START + 3 * HOUR, ["scheduled"], [])
    assert (second.slot, second.run_ids) == (START + 4 * HOUR, ["by hand"])


def test_a_run_before_all_slots_is_of_its_own_time(adobe: FakeRuns) -> None:
    adobe.add("by hand", START - HOUR)
    assert awaited(adobe, datasets()).slot == START - HOUR


def test_a_run_of_audiences_is_of_those_it_names(adobe: FakeRuns) -> None:
    gold, silver = audience("gold"), audience("silver", startTime="05:00")
    adobe.add("run", START + 3 * HOUR + SECOND, **metrics(None, "silver", "somebody's"))
    found = awaited(adobe, gold, silver)
    assert (found.audiences, found.slot) == (["silver"], START + 3 * HOUR)


def test_a_run_that_names_no_audience_is_of_those_whose_slot_it_is(adobe: FakeRuns) -> None:
    gold, silver = audience("gold"), audience("silver", startTime="05:00")
    adobe.add("run", START + SECOND)
    found = awaited(adobe, gold, silver)
    assert (found.audiences, found.slot) == (["gold"], START)


def test_two_runs_of_one_slot_with_different_audiences_are_both_of_the_slot(adobe: FakeRuns) -> None:
    gold, silver = audience("gold"), audience("silver")
    adobe.add("one", START + SECOND, **metrics(None, "gold"))
    adobe.add("two", START + 2 * SECOND, **metrics(None, "silver"))
    found = awaited(adobe, gold, silver)
    assert (found.audiences, found.slot, found.run_ids) == (["silver"], START, ["two"])


def test_an_export_after_segmentation_is_of_its_day(adobe: FakeRuns) -> None:
    adobe.add("run", START + 9 * HOUR, **metrics(None, "gold"))
    found = awaited(adobe, audience("gold", triggerType="AFTER_SEGMENT_EVAL", startTime=""))
    assert (found.slot_kind, found.slot) == (SlotKind.DAY, datetime(2027, 1, 1, tzinfo=UTC))


def test_of_which_schedules_a_run_is(adobe: FakeRuns) -> None:
    gold, silver = audience("gold"), audience("silver")
    adobe.add("silent", START)
    assert keys_of(only(adobe), [gold, silver]) == {"gold", "silver"}
    assert keys_of(only(adobe), [datasets()]) == {"*"}
    adobe.add("said", START, **metrics(None, "gold"))
    assert keys_of(only(adobe), [gold, silver]) == {"gold"}
    adobe.add("somebody's", START, **metrics(None, "other"))
    assert keys_of(only(adobe), [gold, silver]) == set()
