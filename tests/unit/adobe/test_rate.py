from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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
    assert throttled(paused, at(1), 7).counted_at == at(8)
