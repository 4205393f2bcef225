from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.running.slots import GRACE, interval_of, next_slot
from aep_delivery.runtime.errors import UserError

START = datetime(2027, 1, 1, tzinfo=UTC)


def schedule(interval: int = 3, unit: str = "hour", days: float = 30) -> dict[str, Any]:
    end = START + timedelta(days=days)
    return {
        "interval": interval,
        "timeUnit": unit,
        "startTime": int(START.timestamp()),
        "endTime": int(end.timestamp()),
    }


@settings(deadline=None)
@given(
    every=st.sampled_from([(3, "hour"), (6, "hour"), (9, "hour"), (12, "hour"), (1, "day")]),
    days=st.floats(0.01, 400),
    offset=st.floats(-10, 410),
)
def test_slot_is_the_first_on_the_grid_at_or_after_now_and_before_the_end(
    every: tuple[int, str], days: float, offset: float
) -> None:
    params, now = schedule(*every, days=days), START + timedelta(days=offset)
    step = interval_of(params)
    assert step is not None
    end = datetime.fromtimestamp(params["endTime"], UTC)
    if START + step * -(-max(now - START, timedelta()) // step) > end:
        with pytest.raises(UserError, match="has no run after"):
            next_slot(params, now)
        return

    slot = next_slot(params, now)

    assert now <= slot <= end
    assert slot >= START
    assert (slot - START) % step == timedelta()
    assert slot == START or slot - step < now


@pytest.mark.parametrize(
    ("after_start", "expected"),
    [
        (timedelta(hours=-1), START),
        (timedelta(), START),
        (timedelta(microseconds=1), START + timedelta(hours=3)),
        (timedelta(hours=3), START + timedelta(hours=3)),
        (timedelta(hours=3, seconds=1), START + timedelta(hours=6)),
    ],
)
def test_moments_around_a_slot(after_start: timedelta, expected: datetime) -> None:
    assert next_slot(schedule(), START + after_start) == expected


@pytest.mark.parametrize("after_start", [timedelta(days=-9), timedelta(), timedelta(minutes=1), GRACE])
def test_single_export_is_awaited_until_an_hour_after_its_slot(after_start: timedelta) -> None:
    assert next_slot(schedule(0, "day"), START + after_start) == START


@pytest.mark.parametrize(
    ("params", "now", "place"),
    [
        (schedule(0, "day"), START + GRACE + timedelta(seconds=1), "scheduleParams.startTime"),
        (schedule(days=1), START + timedelta(days=1, seconds=1), "scheduleParams.endTime"),
        (schedule(12, days=1.2), START + timedelta(days=1.1), "scheduleParams.endTime"),
    ],
)
def test_no_slot_left_is_told(params: dict[str, Any], now: datetime, place: str) -> None:
    with pytest.raises(UserError) as caught:
        next_slot(params, now)

    assert (caught.value.code, caught.value.place) == ("schedule.no-more-runs", place)


def test_last_slot_may_be_the_end_itself() -> None:
    assert next_slot(schedule(days=1), START + timedelta(hours=23)) == START + timedelta(days=1)
