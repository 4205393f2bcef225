from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe import schedule
from emulator.adobe.problems import Problem

START = datetime(2027, 1, 1, tzinfo=UTC)
SECONDS = int(START.timestamp())


def params(mode: str | None, interval: object, unit: str, **more: Any) -> dict[str, Any]:
    body = {"interval": interval, "timeUnit": unit, "startTime": SECONDS, **more}
    return body if mode is None else {"exportMode": mode, **body}


@pytest.mark.parametrize(
    "valid",
    [
        params("FIRST_FULL_THEN_INCREMENTAL", 3, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 6, "hour", endTime=SECONDS + 1),
        params("FIRST_FULL_THEN_INCREMENTAL", 9, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 12, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 1, "day"),
        params("DAILY_FULL_EXPORT", 0, "day"),
        params(None, 3, "hour"),
        params(None, 3, "hour", startTime=1675901210),
        params(None, 3, "hour", foldernameTemplate="%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%"),
        params(None, 3, "hour", foldernameTemplate="/"),
    ],
)
def test_t58_documented_schedules_are_accepted(valid: dict[str, Any]) -> None:
    schedule.check(valid)


@pytest.mark.parametrize(
    "invalid",
    [
        params("FIRST_FULL_THEN_INCREMENTAL", 8, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 24, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 1, "hour"),
        params("FIRST_FULL_THEN_INCREMENTAL", 2, "day"),
        params("FIRST_FULL_THEN_INCREMENTAL", 0, "day"),
        params("DAILY_FULL_EXPORT", 1, "day"),
        params("DAILY_FULL_EXPORT", 3, "hour"),
        params("DAILY_FULL_EXPORT", False, "day"),
        params(None, 3, "hours"),
        params(None, "3", "hour"),
        params(None, 3, "hour", startTime=1675901210000),
        params(None, 3, "hour", startTime="1675901210"),
        params(None, 3, "hour", startTime=None),
        params(None, 3, "hour", startTime=1.5),
        params(None, 3, "hour", endTime=SECONDS),
        params(None, 3, "hour", endTime=1875901210000),
        params(None, 3, "hour", folderNameTemplate="%DATASET_ID%"),
        params(None, 3, "hour", foldernameTemplate="%FOO%"),
        params(None, 3, "hour", foldernameTemplate="%DATETIME%"),
        params(None, 3, "hour", foldernameTemplate="50%"),
        params(None, 3, "hour", foldernameTemplate=""),
        None,
        [],
    ],
)
def test_t59_t60_t61_everything_else_is_refused(invalid: object) -> None:
    with pytest.raises(Problem):
        schedule.check(invalid)


def slots(body: dict[str, Any], after: datetime, until: datetime, created: datetime = START) -> list[datetime]:
    return list(schedule.slots(body, created, after, until))


def hours(*numbers: int) -> list[datetime]:
    return [START + timedelta(hours=number) for number in numbers]


def test_slots_lie_after_the_last_look_and_not_in_the_future() -> None:
    every_three = params(None, 3, "hour")
    before = START - timedelta(seconds=1)
    assert slots(every_three, before, START) == hours(0)
    assert slots(every_three, START, START + timedelta(hours=7)) == hours(3, 6)
    assert slots(every_three, START + timedelta(hours=7), START + timedelta(hours=8)) == []


def test_slots_end_with_the_schedule() -> None:
    body = params(None, 3, "hour", endTime=SECONDS + 6 * 3600)
    assert slots(body, START, START + timedelta(days=9)) == hours(3, 6)


def test_t62_without_an_end_a_flow_stops_six_months_after_its_creation() -> None:
    found = slots(params(None, 1, "day"), START, START + timedelta(days=400))
    assert found[-1] == datetime(2027, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "end"), [((2027, 8, 31), (2028, 2, 29)), ((2027, 12, 31), (2028, 6, 30)), ((2027, 6, 1), (2027, 12, 1))]
)
def test_half_a_year_ends_on_a_day_that_exists(created: tuple[int, int, int], end: tuple[int, int, int]) -> None:
    assert schedule.half_a_year_after(datetime(*created, tzinfo=UTC)) == datetime(*end, tzinfo=UTC)


def test_a_single_export_has_one_slot() -> None:
    once = params("DAILY_FULL_EXPORT", 0, "day")
    assert slots(once, START - timedelta(seconds=1), START + timedelta(days=30)) == [START]
    assert slots(once, START, START + timedelta(days=30)) == []


@given(looks=st.lists(st.integers(0, 200_000), max_size=10), interval=st.sampled_from([3, 6, 9, 12]))
def test_however_often_one_looks_each_slot_comes_once(looks: list[int], interval: int) -> None:
    body = params(None, interval, "hour")
    after, found = START - timedelta(seconds=1), []
    for seconds in [*sorted(looks), 200_000]:
        now = START + timedelta(seconds=seconds)
        found += slots(body, after, now)
        after = max(after, now)
    assert found == [START + timedelta(hours=hour) for hour in range(0, 200_000 // 3600 + 1, interval)]
