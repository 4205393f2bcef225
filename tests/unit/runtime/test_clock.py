from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.runtime.clock import FixedClock, SystemClock, epoch_seconds, from_epoch_millis


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_milliseconds_make_a_moment_in_utc(millis):
    moment = from_epoch_millis(millis)
    assert moment.tzinfo is UTC
    assert abs(moment.timestamp() * 1000 - millis) < 1
    assert epoch_seconds(moment) in {millis // 1000, round(millis / 1000)}


def test_a_fixed_clock_moves_only_when_slept_on():
    start = datetime(2026, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    clock = FixedClock(start)
    assert clock.now() == start
    clock.sleep(90)
    assert clock.now() == start + timedelta(seconds=90)
    assert clock.slept == [90]


def test_the_system_clock_is_aware():
    assert SystemClock().now().tzinfo is UTC
