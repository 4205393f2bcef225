from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.running.audience_slots import next_audience_slot
from aep_delivery.running.slots import next_slot
from aep_delivery.running.timetable import AudienceTimetable, DatasetTimetable
from aep_delivery.runtime.errors import UserError
from aep_delivery.status.rhythm import MOST_RHYTHMS, Rhythm, next_run, rhythms_of
from aep_delivery.verification.receipt.models import Asked, AskedAudience, AskedDestination, AskedSchedule

DAY = timedelta(days=1)
MOMENTS = st.integers(0, 2 * 365 * 86400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


class Audience:
    id = "a"

    def __init__(self, schedule: dict[str, Any]) -> None:
        self.schedule = schedule


def datasets(**schedule: Any) -> Rhythm:
    asked = Asked(
        destination=AskedDestination(type="amazon-s3"),
        schedule=AskedSchedule(export_mode="FIRST_FULL_THEN_INCREMENTAL", **schedule),
    )
    (rhythm,) = rhythms_of(asked)
    return rhythm


def audience(schedule: dict[str, Any]) -> Rhythm:
    fields = {"frequency": "frequency", "triggerType": "trigger_type", "startTime": "start_time"}
    asked = AskedAudience(
        id="a",
        start_date=date.fromisoformat(schedule["startDate"]),
        end_date=date.fromisoformat(schedule["endDate"]) if "endDate" in schedule else None,
        **{name: schedule[key] for key, name in fields.items() if key in schedule},
    )
    (rhythm,) = rhythms_of(Asked(destination=AskedDestination(type="sftp"), audiences=[asked]))
    return rhythm


@given(
    start=MOMENTS,
    interval=st.sampled_from([(0, "day"), (1, "day"), (3, "hour"), (12, "hour")]),
    lifetime=st.none() | st.integers(1, 400),
    now=MOMENTS,
)
def test_slots_of_datasets_are_those_that_deliveries_wait_for(start, interval, lifetime, now) -> None:
    end = start + lifetime * DAY if lifetime else None
    rhythm = datasets(interval=interval[0], time_unit=interval[1], start_time=start, end_time=end)
    schedule = {"startTime": int(start.timestamp()), "interval": interval[0], "timeUnit": interval[1]}
    if end:
        schedule["endTime"] = int(end.timestamp())
    assert rhythm.latest(now) == getattr(DatasetTimetable(schedule).last(now), "at", None)
    try:
        expected = next_slot(schedule, now)
    except UserError:
        expected = None
    if interval[0]:
        assert rhythm.next(now) == expected
    else:
        assert rhythm.next(now) == (start if now <= start else None)


@given(
    start=st.dates(date(2026, 1, 1), date(2027, 6, 30)),
    clock=st.sampled_from(["00:00", "06:00", "23:00"]),
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "EVERY_3_HOURS", "EVERY_8_HOURS"]),
    follows=st.booleans(),
    lifetime=st.none() | st.integers(1, 400),
    now=MOMENTS,
)
def test_slots_of_audiences_are_those_that_deliveries_wait_for(
    *, start, clock, frequency, follows, lifetime, now
) -> None:
    schedule: dict[str, Any] = {"frequency": frequency, "startDate": start.isoformat()}
    if follows and frequency == "DAILY":
        schedule["triggerType"] = "AFTER_SEGMENT_EVAL"
    else:
        schedule |= {"triggerType": "SCHEDULED", "startTime": clock}
    if lifetime:
        schedule["endDate"] = (start + timedelta(days=lifetime)).isoformat()
    rhythm = audience(schedule)
    assert rhythm.latest(now) == getattr(AudienceTimetable(Audience(schedule), "a").last(now), "at", None)
    try:
        slot = next_audience_slot([Audience(schedule)], now)
    except UserError:
        assert next_run((rhythm,), now) is None
    else:
        assert next_run((rhythm,), now) == (slot.at, rhythm.all_day)


def test_once_is_one_slot_and_has_no_end() -> None:
    rhythm = audience(
        {"frequency": "ONCE", "startDate": "2026-05-01", "startTime": "06:00", "triggerType": "SCHEDULED"}
    )
    slot = datetime(2026, 5, 1, 6, tzinfo=UTC)
    assert (rhythm.repeats, rhythm.next(slot), rhythm.next(slot + DAY)) == (False, slot, None)
    assert (rhythm.latest(slot - DAY), rhythm.latest(slot + 400 * DAY)) == (None, slot)


@pytest.mark.parametrize(
    "asked",
    [
        AskedAudience(id="a"),
        AskedAudience(id="a", frequency="DAILY", start_date=date(2026, 5, 1), trigger_type="SCHEDULED"),
    ],
)
def test_what_is_not_settled_is_not_expected(asked: AskedAudience) -> None:
    assert rhythms_of(Asked(destination=AskedDestination(type="sftp"), audiences=[asked])) == ()
    unsettled = AskedSchedule(export_mode="FIRST_FULL_THEN_INCREMENTAL", interval=3, time_unit="hour")
    assert rhythms_of(Asked(destination=AskedDestination(type="sftp"), schedule=unsettled)) == ()


def test_equal_schedules_are_one_and_there_is_a_most() -> None:
    def one(number: int) -> AskedAudience:
        day = date(2026, 5, 1) + number * timedelta(days=1)
        return AskedAudience(id=str(number), frequency="DAILY", start_date=day, start_time="06:00")

    equal = [one(0), one(0), one(0)]
    assert len(rhythms_of(Asked(destination=AskedDestination(type="sftp"), audiences=equal))) == 1
    many = [one(number) for number in range(60)]
    assert len(rhythms_of(Asked(destination=AskedDestination(type="sftp"), audiences=many))) == MOST_RHYTHMS
