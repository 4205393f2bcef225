from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.running.timetable import DATASETS, AudienceTimetable, DatasetTimetable, Slot, next_due

START = datetime(2027, 1, 1, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOMENTS = st.timedeltas(min_value=-3 * DAY, max_value=400 * DAY).map(lambda span: START + span)


@dataclass(frozen=True)
class Scheduled:
    id: str
    schedule: dict[str, Any]


def datasets(interval: int = 3, unit: str = "hour", end: datetime | None = None) -> DatasetTimetable:
    schedule = {"interval": interval, "timeUnit": unit, "startTime": int(START.timestamp())}
    return DatasetTimetable(schedule | ({"endTime": int(end.timestamp())} if end else {}))


def audience(audience_id: str = "gold", **schedule: str) -> AudienceTimetable:
    known = {"frequency": "DAILY", "startDate": "2027-01-01", "startTime": "02:00"}
    return AudienceTimetable(Scheduled(audience_id, known | schedule), audience_id.title())


EVERY_KIND = [
    datasets(),
    datasets(1, "day"),
    datasets(end=START + 30 * DAY),
    audience(),
    audience(frequency="EVERY_6_HOURS"),
    audience(frequency="MONTHLY", startDate="2027-01-31"),
    audience(endDate="2027-02-01"),
    audience(triggerType="AFTER_SEGMENT_EVAL"),
]


@given(moment=MOMENTS, kind=st.sampled_from(range(len(EVERY_KIND))))
def test_the_slots_around_a_moment_are_neighbours(moment: datetime, kind: int) -> None:
    timetable = EVERY_KIND[kind]
    last, after = timetable.last(moment), timetable.after(moment)

    assert last is None or last.at <= moment
    assert after is None or after.at > moment
    if last is not None and after is not None:
        assert timetable.after(last.at) == after
        assert timetable.last(after.at) == after


@pytest.mark.parametrize("timetable", EVERY_KIND, ids=range(len(EVERY_KIND)))
def test_walking_forward_meets_every_slot_once(timetable: DatasetTimetable | AudienceTimetable) -> None:
    met: list[Slot] = []
    moment = START - 40 * DAY
    while len(met) < 50 and (slot := timetable.after(moment)) is not None:
        met.append(slot)
        moment = slot.at
    assert met
    assert all(earlier.at < later.at for earlier, later in pairwise(met))
    if timetable.ends_at is not None:
        assert met[-1].at <= timetable.ends_at


def test_nothing_follows_the_end() -> None:
    end = START + DAY
    assert datasets(end=end).after(end - HOUR) == Slot(end - 0 * HOUR, end)
    assert datasets(end=end).after(end) is None
    # Adobe: nothing is exported on the end day any more.
    assert audience(endDate="2027-01-03").after(START + DAY) is None
    assert audience(endDate="2027-01-03").ends_at == datetime(2027, 1, 3, tzinfo=UTC)


def test_what_runs_once_has_one_slot_and_no_end() -> None:
    once = datasets(0, "day", end=START + 180 * DAY)
    assert once.after(START - HOUR) == once.last(START + 9 * DAY) == Slot(START, START)
    assert (once.after(START), once.ends_at) == (None, None)
    assert audience(frequency="ONCE", endDate="2027-03-01").ends_at is None


def test_a_day_is_due_when_it_is_over() -> None:
    slot = audience(triggerType="AFTER_SEGMENT_EVAL", startTime="").after(START - DAY)
    assert slot == Slot(datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC))


def test_the_slot_that_is_due_first_comes_first_and_served_ones_are_passed() -> None:
    gold, silver = audience("gold"), audience("silver", startTime="05:00")

    dues = next_due([silver, gold], {"gold": START + HOUR}, START - DAY, 4 * HOUR)

    assert [(due.timetable.key, due.at) for due in dues] == [
        ("silver", START + 7 * HOUR),
        ("gold", START + DAY + 4 * HOUR),
    ]
    (only,) = next_due([datasets()], {}, START + HOUR, HOUR)
    assert (only.timetable.key, only.slot.at) == (DATASETS, START + 3 * HOUR)
