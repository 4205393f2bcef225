from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from aep_delivery.adobe.requests import ScheduleParams as SentSchedule
from aep_delivery.planning.schedule import DEFAULT_LIFETIME, LEAD_TIME, resolve_schedule
from aep_delivery.runtime.errors import UserError
from tests.unit.planning.declarations import config

NOW = datetime(2027, 1, 1, 10, 20, tzinfo=UTC)
LIVE = {"startTime": 1600000000, "endTime": 1900000000, "interval": 12, "createTime": 1}


def resolve(live: dict[str, Any] | None = None, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    return resolve_schedule(config(scheduleParams=changes).schedule_params, live, now, place="scheduleParams")


def test_t58_tutorial_schedule_is_sent_as_it_stands() -> None:
    schedule = resolve(now=datetime(2023, 2, 8, tzinfo=UTC), startTime=1675901210, endTime=1685901210)

    assert schedule == {
        "exportMode": "FIRST_FULL_THEN_INCREMENTAL",
        "interval": 3,
        "timeUnit": "hour",
        "startTime": 1675901210,
        "endTime": 1685901210,
    }


def test_t62_end_is_explicit_when_left_out() -> None:
    schedule = resolve(startTime="2027-02-01T00:00:00Z")

    start = datetime(2027, 2, 1, tzinfo=UTC)
    assert schedule["endTime"] == (start + DEFAULT_LIFETIME).timestamp()


@pytest.mark.parametrize(
    ("now", "start"),
    [
        (datetime(2027, 1, 1, 10, 20, tzinfo=UTC), datetime(2027, 1, 1, 12, tzinfo=UTC)),
        (datetime(2027, 1, 1, 10, 0, tzinfo=UTC), datetime(2027, 1, 1, 11, tzinfo=UTC)),
        (datetime(2027, 12, 31, 22, 59, 59, 999999, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)),
    ],
)
def test_default_start_is_the_next_full_hour_an_hour_away(now: datetime, start: datetime) -> None:
    assert resolve(now=now)["startTime"] == start.timestamp()


def test_what_is_left_open_stays_as_it_is_in_adobe() -> None:
    schedule = resolve(LIVE)

    assert (schedule["startTime"], schedule["endTime"]) == (1600000000, 1900000000)
    assert schedule["interval"] == 3
    assert "createTime" not in schedule


def test_past_start_is_fine_where_it_is_the_one_in_adobe() -> None:
    assert resolve(LIVE, startTime=1600000000)["startTime"] == 1600000000


@pytest.mark.parametrize(
    ("live", "changes", "code", "place"),
    [
        (None, {"startTime": "2027-01-01T10:19:59Z"}, "schedule.in-the-past", "startTime"),
        (None, {"startTime": "2027-01-01T10:20:00Z"}, "schedule.in-the-past", "startTime"),
        (LIVE, {"startTime": "2026-01-01T00:00:00Z"}, "schedule.in-the-past", "startTime"),
        (None, {"startTime": "2027-01-01T11:19:59Z"}, "schedule.too-soon", "startTime"),
        (None, {"endTime": "2027-01-01T10:20:00Z"}, "schedule.ended", "endTime"),
        ({**LIVE, "endTime": 1700000000}, {}, "schedule.ended", "endTime"),
        (None, {"endTime": "2027-01-01T11:00:00Z"}, "schedule.ends-before-start", "endTime"),
        (None, {"endTime": "2027-01-01T12:00:00Z"}, "schedule.ends-before-start", "endTime"),
        (LIVE, {"startTime": "2031-01-01T00:00:00Z"}, "schedule.ends-before-start", "endTime"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("schedule.") else None,
)
def test_impossible_schedules_are_refused(
    live: dict[str, Any] | None, changes: dict[str, Any], code: str, place: str
) -> None:
    with pytest.raises(UserError) as caught:
        resolve(live, **changes)

    assert (caught.value.code, caught.value.place) == (code, f"scheduleParams.{place}")
    assert caught.value.hint


def test_start_exactly_an_hour_away_is_taken() -> None:
    assert resolve(startTime="2027-01-01T11:20:00Z")["startTime"] == (NOW + LEAD_TIME).timestamp()


def test_ended_schedule_goes_on_with_a_later_end() -> None:
    schedule = resolve({**LIVE, "endTime": 1700000000}, endTime="2027-06-01T00:00:00Z")

    assert schedule["startTime"] == 1600000000
    assert schedule["endTime"] == datetime(2027, 6, 1, tzinfo=UTC).timestamp()


@settings(deadline=None)
@given(
    now=st.integers(1704067200, 1893456000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    start_in=st.none() | st.integers(-10 * 86400, 400 * 86400),
    end_in=st.none() | st.integers(-10 * 86400, 800 * 86400),
    live_start=st.none() | st.integers(-400 * 86400, 86400),
)
def test_what_is_resolved_can_be_sent_and_resolves_to_itself(
    now: datetime, start_in: int | None, end_in: int | None, live_start: int | None
) -> None:
    changes: dict[str, Any] = {}
    if start_in is not None:
        changes["startTime"] = int((now + timedelta(seconds=start_in)).timestamp())
    if end_in is not None:
        changes["endTime"] = int((now + timedelta(seconds=end_in)).timestamp())
    if start_in is not None and end_in is not None and end_in <= start_in:
        return
    live = None
    if live_start is not None:
        begun = int((now + timedelta(seconds=live_start)).timestamp())
        live = {"startTime": begun, "endTime": begun + 180 * 86400}
    try:
        schedule = resolve(live, now, **changes)
    except UserError as error:
        # Only ever a refusal with a name: never what pydantic or the calendar would say.
        event(error.code)
        return

    assert SentSchedule.model_validate(schedule).body() == schedule
    assert schedule["endTime"] > now.timestamp()
    assert resolve(schedule, now, **changes) == schedule
