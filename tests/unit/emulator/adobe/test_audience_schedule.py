from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import audience_schedule
from emulator.adobe.problems import Problem

FULL, INCREMENTAL = audience_schedule.FULL, audience_schedule.INCREMENTAL
BASE = {"startDate": "2027-01-01", "endDate": "2027-01-11", "startTime": "17:00"}
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


def schedule(frequency: str, trigger: str | None = None, **changes: Any) -> dict[str, Any]:
    given = {"frequency": frequency, "triggerType": trigger, **BASE, **changes}
    return {name: value for name, value in given.items() if value is not None}


def refused(mode: object, given: object, *, rare: bool = True) -> bool:
    try:
        audience_schedule.check(mode, given, rare=rare)
    except Problem:
        return True
    return False


def moments(given: dict[str, Any], evaluations: tuple[datetime, ...] = ()) -> list[str]:
    return [f"{slot:%m-%d %H}" for slot in audience_schedule.slots(given, *EVER, evaluations)]


ONCE = {"endDate": None}


@pytest.mark.parametrize(
    ("mode", "given", "valid"),
    [
        pytest.param(FULL, schedule("ONCE", "SCHEDULED", **ONCE), True, id="t40"),
        pytest.param(FULL, schedule("ONCE", **ONCE), True, id="t40-as-the-tutorials-first-sample"),
        pytest.param(FULL, schedule("ONCE", "SCHEDULED"), False, id="t41"),
        pytest.param(FULL, schedule("ONCE", "AFTER_SEGMENT_EVAL", startTime=None, **ONCE), True, id="once-after"),
        pytest.param(FULL, schedule("ONCE", "AFTER_SEGMENT_EVAL", **ONCE), False, id="once-after-with-time"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED"), True, id="daily"),
        pytest.param(FULL, schedule("DAILY"), False, id="daily-without-trigger"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", endDate=None), False, id="daily-without-end"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startTime=None), False, id="daily-without-time"),
        pytest.param(FULL, schedule("DAILY", "AFTER_SEGMENT_EVAL", startTime=None), True, id="daily-after"),
        pytest.param(FULL, schedule("DAILY", "AFTER_SEGMENT_EVAL"), False, id="daily-after-with-time"),
        pytest.param(INCREMENTAL, schedule("EVERY_6_HOURS"), True, id="t43"),
        pytest.param(INCREMENTAL, schedule("EVERY_8_HOURS", "SCHEDULED"), True, id="every-8"),
        pytest.param(INCREMENTAL, schedule("EVERY_4_HOURS"), False, id="every-4"),
        pytest.param(
            INCREMENTAL, schedule("DAILY", "AFTER_SEGMENT_EVAL", startTime=None), False, id="incremental-after"
        ),
        pytest.param(INCREMENTAL, schedule("WEEKLY"), False, id="t44-weekly"),
        pytest.param(INCREMENTAL, schedule("ONCE", **ONCE), False, id="t44-once"),
        pytest.param(FULL, schedule("EVERY_3_HOURS", "SCHEDULED"), False, id="t44-hours"),
        pytest.param(FULL, schedule("MONTHLY", "AFTER_SEGMENT_EVAL", startTime=None), False, id="t45-after"),
        pytest.param(FULL, schedule("MONTHLY", "SCHEDULED"), True, id="t45-scheduled"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startTime="17:30"), False, id="t46-half"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startTime="5:00"), False, id="t46-short"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startTime="24:00"), False, id="t46-late"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", endDate="2026-12-31"), False, id="end-before-start"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startDate="20270101"), False, id="compact-date"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", startDate="2027-02-30"), False, id="no-such-day"),
        pytest.param(FULL, schedule("DAILY", "CHAINED"), False, id="chained"),
        pytest.param(FULL, schedule("DAILY", "SCHEDULED", every=1), False, id="unknown-property"),
        pytest.param("FULL", schedule("DAILY", "SCHEDULED"), False, id="unknown-mode"),
        pytest.param(FULL, "daily", False, id="no-object"),
    ],
)
def test_export_mode_frequency_and_trigger_go_together(mode: str, given: object, valid: bool) -> None:
    assert refused(mode, given) is not valid


@pytest.mark.parametrize("frequency", ["WEEKLY", "MONTHLY"])
def test_t45_some_destinations_have_no_weekly_and_monthly_exports(frequency: str) -> None:
    assert refused(FULL, schedule(frequency, "SCHEDULED"), rare=False)


def test_the_end_day_is_not_exported() -> None:
    days = moments(schedule("DAILY", startDate="2027-01-04", endDate="2027-01-11"))
    assert days == [f"01-{day:02d} 17" for day in range(4, 11)]
    assert moments(schedule("DAILY", endDate="2027-01-01")) == []


def test_hours_count_from_the_start() -> None:
    found = moments(schedule("EVERY_8_HOURS", endDate="2027-01-03"))
    assert found == ["01-01 17", "01-02 01", "01-02 09", "01-02 17"]


def test_once_weekly_and_monthly() -> None:
    assert moments(schedule("ONCE", **ONCE)) == ["01-01 17"]
    assert moments(schedule("WEEKLY", endDate="2027-01-16")) == ["01-01 17", "01-08 17", "01-15 17"]
    monthly = schedule("MONTHLY", startDate="2027-10-31", endDate="2028-04-30")
    assert moments(monthly) == ["10-31 17", "11-30 17", "12-31 17", "01-31 17", "02-29 17", "03-31 17"]


def test_exports_follow_the_first_evaluation_of_the_day() -> None:
    start = datetime(2026, 12, 31, 23, tzinfo=UTC)
    evaluations = tuple(start + timedelta(hours=hours) for hours in (0, 2, 5, 25, 49))
    after = schedule("DAILY", "AFTER_SEGMENT_EVAL", startTime=None, endDate="2027-01-03")
    assert moments(after, evaluations) == ["01-01 01", "01-02 00"]
    assert moments(schedule("ONCE", "AFTER_SEGMENT_EVAL", startTime=None, **ONCE), evaluations) == ["01-01 01"]


@pytest.mark.parametrize(("day", "covered"), [("2026-12-31", False), ("2027-01-01", True), ("2027-01-11", False)])
def test_a_schedule_covers_days(day: str, covered: bool) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    assert audience_schedule.covers(schedule("DAILY"), noon) is covered


def test_a_single_export_has_no_end() -> None:
    assert audience_schedule.covers(schedule("ONCE", **ONCE), EVER[1])
    assert not audience_schedule.covers(schedule("ONCE", **ONCE), EVER[0])


frequencies = st.sampled_from(["ONCE", "DAILY", "WEEKLY", "MONTHLY", "EVERY_3_HOURS", "EVERY_8_HOURS"])


@given(
    frequency=frequencies,
    start=st.dates(date(2026, 12, 1), date(2027, 2, 28)),
    days=st.integers(0, 90),
    hour=st.integers(0, 23),
    cuts=st.lists(st.integers(0, 200 * 24 * 60), max_size=8).map(sorted),
)
def test_however_often_one_looks_the_slots_are_the_same(
    frequency: str, start: date, days: int, hour: int, cuts: list[int]
) -> None:
    given = {"frequency": frequency, "startDate": start.isoformat(), "startTime": f"{hour:02d}:00"}
    if frequency != "ONCE":
        given["endDate"] = (start + timedelta(days=days)).isoformat()
    looks = [EVER[0], *(datetime(2026, 12, 1, tzinfo=UTC) + timedelta(minutes=cut) for cut in cuts), EVER[1]]
    pieces = [slot for after, until in pairwise(looks) for slot in audience_schedule.slots(given, after, until, ())]
    assert pieces == list(audience_schedule.slots(given, *EVER, ()))
    assert all((slot.minute, slot.second) == (0, 0) for slot in pieces)
    assert all("endDate" not in given or slot.date().isoformat() < given["endDate"] for slot in pieces)
