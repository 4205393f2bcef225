from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.adobe.clock import EmulatedClock, iso, parse_iso

START = datetime(2027, 1, 1, tzinfo=UTC)


class Wall:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@given(
    speed=st.floats(0, 1000),
    steps=st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), max_size=5),
)
def test_a_change_of_speed_never_makes_the_reading_jump(speed: float, steps: list[tuple[float, float]]) -> None:
    wall = Wall()
    clock = EmulatedClock(START, speed, wall)
    for passed, next_speed in steps:
        wall.seconds += passed
        before = clock.now()
        clock.set_speed(next_speed)
        assert abs(clock.now() - before) < timedelta(milliseconds=1)


def test_it_runs_faster_than_the_wall() -> None:
    wall = Wall()
    clock = EmulatedClock(START, 60, wall)
    wall.seconds = 10
    assert clock.now() == START + timedelta(minutes=10)


def test_it_can_be_set_and_advanced() -> None:
    clock = EmulatedClock(START, 0)
    clock.advance(90)
    assert clock.now() == START + timedelta(seconds=90)
    clock.set(datetime(2026, 1, 1, tzinfo=UTC))
    assert clock.millis() == 1767225600000


@pytest.mark.parametrize("speed", [-1, 1e7])
def test_an_impossible_speed_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        EmulatedClock(START, speed)


@pytest.mark.parametrize("text", ["2027-01-01T00:00:00Z", "2027-01-01T02:00:00+02:00", "2027-01-01T00:00:00"])
def test_iso_is_read_as_utc(text: str) -> None:
    assert iso(parse_iso(text)) == "2027-01-01T00:00:00.000Z"
