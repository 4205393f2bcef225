from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.verification.receipt.models import TimelineStep
from aep_delivery.verification.receipt.timeline import bars

START = datetime(2027, 1, 1, tzinfo=UTC)


def step(name: str, enter: float, leave: float | None) -> TimelineStep:
    left = None if leave is None else START + timedelta(seconds=leave)
    return TimelineStep(step=name, entered_at=START + timedelta(seconds=enter), left_at=left)


def test_bars_lie_where_their_time_is() -> None:
    drawn = bars([step("a", 0, 25), step("b", 25, 75), step("c", 75, 100)], START + timedelta(seconds=100))
    assert [(bar.x, bar.width) for bar in drawn] == [(0, 25), (25, 50), (75, 25)]
    assert [bar.took for bar in drawn] == [timedelta(seconds=25), timedelta(seconds=50), timedelta(seconds=25)]


def test_a_step_that_was_never_left_reaches_to_the_end() -> None:
    (_, last) = bars([step("a", 0, 50), step("b", 50, None)], START + timedelta(seconds=100))
    assert (last.x, last.width, last.took) == (50, 50, None)


def test_no_steps_no_bars() -> None:
    assert bars([], START) == []


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=12), st.floats(0, 2e6))
def test_no_bar_leaves_the_drawing_or_vanishes(spans: list[tuple[float, float]], end: float) -> None:
    steps = [step(str(place), enter, enter + length) for place, (enter, length) in enumerate(spans)]
    for bar in bars(steps, START + timedelta(seconds=end)):
        assert bar.x >= 0
        assert bar.width >= 0.79
        assert bar.x + bar.width <= 100.01
