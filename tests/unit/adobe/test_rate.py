from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aep_delivery.adobe.budget import Budget
from aep_delivery.adobe.rate import Grant, Rate, interrupted, throttled

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
RATE = Rate(per_second=2, burst=20, ramp_seconds=100)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def holding(calls: float) -> Budget:
    return Budget(millitokens=int(calls * 1000), counted_at=NOON, window_from=NOON)


@pytest.mark.parametrize(
    ("calls", "granted"),
    [
        pytest.param(20, 5, id="many while there are many"),
        pytest.param(8, 2, id="fewer while there are fewer"),
        pytest.param(7.9, 1, id="one at a time when they run short"),
        pytest.param(1, 1, id="the last one"),
    ],
)
def test_what_is_granted_at_once(calls: float, granted: int) -> None:
    after, grant = RATE.take(holding(calls), NOON, patience=0)
    assert grant == Grant(calls=granted, wait_seconds=0)
    assert after.millitokens == (calls - granted) * 1000


def test_an_empty_bucket_says_when_the_next_turn_is() -> None:
    budget, grant = RATE.take(holding(0), NOON, patience=10)
    assert grant == Grant(calls=1, wait_seconds=0.5)
    assert RATE.take(budget, NOON, patience=10)[1] == Grant(calls=1, wait_seconds=1)


def test_nothing_is_taken_by_who_would_not_wait() -> None:
    budget = holding(-9)
    assert RATE.take(budget, NOON, patience=4.9) == (budget, Grant(calls=0, wait_seconds=5))


def test_it_fills_as_time_goes_by_up_to_the_burst() -> None:
    assert RATE.take(holding(0), at(3), patience=0)[0].millitokens == 5_000
    assert RATE.take(holding(0), at(3_600), patience=0)[0].millitokens == 15_000


def test_a_clock_that_is_behind_gains_nothing() -> None:
    assert RATE.take(holding(0.5), at(-5), patience=0)[1].calls == 0


@pytest.mark.parametrize(("seconds", "wait"), [(0, 4.2), (50, 0.9), (100, 0.5), (500, 0.5)])
def test_after_trouble_turns_come_slowly_at_first(seconds: float, wait: float) -> None:
    budget = interrupted(holding(20), NOON).model_copy(update={"counted_at": at(seconds)})
    assert RATE.take(budget, at(seconds), patience=100)[1].wait_seconds == pytest.approx(wait, abs=0.1)


def test_a_turn_beyond_the_ramp_is_counted_with_the_full_rate() -> None:
    # The ramp itself lets 110 calls through; the others come twice a second.
    budget = interrupted(holding(0), NOON).model_copy(update={"millitokens": -119_000})
    assert RATE.take(budget, NOON, patience=1_000)[1].wait_seconds == pytest.approx(105)


def test_a_pause_empties_the_bucket_and_voids_what_was_granted() -> None:
    paused = throttled(holding(20), NOON, 7)
    assert paused.epoch == 1
    assert RATE.take(paused, at(6), patience=0)[1].calls == 0
    assert RATE.take(paused, at(6), patience=100)[1].wait_seconds > 1
    assert throttled(paused, at(1), 5) == paused
    assert throttled(paused, at(1), 6) == paused, "it waits as long already"
    assert throttled(paused, at(1), 7).counted_at == at(8)


@pytest.mark.parametrize(
    ("seconds", "calls"),
    [
        pytest.param(50, 32.5, id="in the middle of the ramp"),
        pytest.param(100, 110, id="at its end"),
        pytest.param(150, 210, id="after it"),
    ],
)
def test_what_comes_in_while_it_ramps(seconds: float, calls: float) -> None:
    # A share of the rate that grows from 0.1 to 1 in a hundred seconds, of two calls a second.
    vast = Rate(per_second=2, burst=10_000, ramp_seconds=100, batch=1)
    budget = interrupted(holding(20), NOON)
    half = vast.take(budget, at(25), patience=0)[0]

    assert vast.take(budget, at(seconds), patience=0)[0].millitokens == (calls - 1) * 1000
    assert vast.take(half, at(seconds), patience=0)[0].millitokens == (calls - 2) * 1000, "however often it is asked"


def test_the_burst_ramps_too() -> None:
    budget = interrupted(holding(20), NOON)
    assert RATE.take(budget, at(50), patience=0)[0].millitokens == 11_000 - 2_000


def test_there_is_always_room_for_one_call_and_for_no_more_than_the_burst() -> None:
    one = Rate(per_second=2, burst=1, ramp_seconds=100)
    assert one.take(holding(0), at(3_600), patience=0)[0].millitokens == 0
    assert one.take(interrupted(holding(0), NOON), at(20), patience=0)[0].millitokens == 0


def test_what_has_come_in_does_not_come_in_again() -> None:
    budget, _ = RATE.take(holding(0), at(3), patience=0)
    assert budget.counted_at == at(3)
    assert RATE.take(budget, at(3), patience=0)[0].millitokens == 4_000


@settings(deadline=None, max_examples=50)
@given(
    per_second=st.floats(0.5, 50),
    ramp=st.floats(1, 600),
    began=st.floats(0, 900),
    behind=st.integers(0, 2_000_000),
)
def test_who_waits_as_long_as_told_finds_a_call(per_second: float, ramp: float, began: float, behind: int) -> None:
    rate = Rate(per_second=per_second, burst=10_000, ramp_seconds=ramp)
    budget = interrupted(holding(0), NOON).model_copy(update={"millitokens": -behind, "counted_at": at(began)})

    wait = rate.take(budget, at(began), patience=1e9)[1].wait_seconds

    assert rate.take(budget, at(began + wait + 0.01), patience=0)[1].calls == 1
    assert rate.take(budget, at(began + wait - 0.01), patience=0)[1].calls == 0
