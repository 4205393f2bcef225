"""Whatever workers do, and in whatever order: no more is granted than was agreed, and nobody waits for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.adobe.budget import Budget, MemoryBudgets
from aep_delivery.adobe.rate import Rate, interrupted, throttled

START = datetime(2027, 1, 1, tzinfo=UTC)
ORGANISATION = "0123@AdobeOrg"
ROUNDING = 0.01
"""Calls. The bucket counts thousandths and rounds down; moments are microseconds."""

rates = st.builds(
    Rate,
    per_second=st.sampled_from([0.5, 1.0, 5.0, 12.5]),
    burst=st.integers(1, 30),
    ramp_seconds=st.sampled_from([0.0, 7.0, 60.0]),
    batch=st.integers(1, 8),
)


@dataclass
class Worker:
    """One function. It reads and writes in two moves, so that others come in between."""

    seen: Budget | None = None


@st.composite
def histories(draw: st.DrawFn) -> tuple[Rate, list[tuple[str, int, float]]]:
    """Reads, writes and pauses of several workers, with the seconds that pass before each."""
    moves = st.tuples(
        st.sampled_from(["read", "write", "write", "write", "pause"]),
        st.integers(0, 3),
        st.sampled_from([0.0, 0.0, 0.01, 0.3, 2.0, 45.0]),
    )
    return draw(rates), draw(st.lists(moves, min_size=20, max_size=120))


def play(rate: Rate, moves: list[tuple[str, int, float]]) -> tuple[list[tuple[float, int, int]], int]:
    """The grants, each with its moment, its calls and the epoch it holds in; and the last epoch."""
    store, workers, seconds = MemoryBudgets(), [Worker() for _ in range(4)], 0.0
    grants: list[tuple[float, int, int]] = []
    for move, number, passed in moves:
        seconds += passed
        now, worker = START + timedelta(seconds=seconds), workers[number]
        if move == "read" or worker.seen is None:
            worker.seen = store.read(ORGANISATION) or Budget.full(rate.burst, START)
            continue
        if move == "pause":
            store.write(ORGANISATION, throttled(worker.seen, now, 3.0))
        else:
            after, grant = rate.take(worker.seen, now, patience=30.0)
            if grant.calls and store.write(ORGANISATION, after):
                grants.append((seconds + grant.wait_seconds, grant.calls, after.epoch))
        worker.seen = store.read(ORGANISATION)
    last = store.read(ORGANISATION)
    return grants, last.epoch if last else 0


@given(histories())
def test_no_interval_sees_more_than_rate_and_burst(history: tuple[Rate, list[tuple[str, int, float]]]) -> None:
    rate, moves = history
    grants, _ = play(rate, moves)
    # What was granted before an interruption is void after it, so intervals lie within an epoch.
    for epoch in {epoch for _, _, epoch in grants}:
        mine = sorted((at, calls) for at, calls, of in grants if of == epoch)
        for first, (begin, _) in enumerate(mine):
            total = 0
            for at, calls in mine[first:]:
                total += calls
                assert total <= rate.per_second * (at - begin) + rate.burst + ROUNDING


@given(rates, st.floats(0, 300), st.lists(st.floats(0, 20), min_size=1, max_size=40))
def test_after_trouble_it_fills_as_the_ramp_says(rate: Rate, quiet: float, pauses: list[float]) -> None:
    """However often it is looked at in between: never faster than the ramp."""
    budget, seconds, taken = interrupted(Budget.full(rate.burst, START), START), quiet, 0
    for pause in pauses:
        seconds += pause
        budget, grant = rate.take(budget, START + timedelta(seconds=seconds), patience=0)
        taken += grant.calls
        share = 1.0 if seconds >= rate.ramp_seconds else 0.1 + 0.9 * seconds / rate.ramp_seconds
        assert taken <= seconds * rate.per_second * share + ROUNDING


@given(rates, st.floats(0, 100), st.integers(1, 40))
def test_who_waits_is_served_in_order_and_as_the_bucket_fills(rate: Rate, elapsed: float, queue: int) -> None:
    now = START + timedelta(seconds=elapsed)
    budget, waits = interrupted(Budget.full(rate.burst, START), START), []
    drained = rate.take(budget, now, patience=0)[0].model_copy(update={"millitokens": 0, "counted_at": now})
    budget = drained
    for _ in range(queue):
        budget, grant = rate.take(budget, now, patience=10_000)
        assert grant.calls == 1
        waits.append(grant.wait_seconds)
    assert waits == sorted(waits)
    # Somebody who comes when the last one's turn has come finds exactly nothing left.
    later = now + timedelta(seconds=waits[-1])
    _, grant = rate.take(budget, later, patience=0)
    assert grant.calls == 0
    # And without the queue the bucket would have gained as many calls by then, as far as it has room for them.
    alone = rate.take(drained, later + timedelta(milliseconds=1), patience=0)[1]
    assert alone.calls >= 1


@given(rates, st.floats(0.1, 900), st.floats(0, 900))
def test_a_pause_holds_for_everybody_until_it_is_over(rate: Rate, pause: float, asked_after: float) -> None:
    budget = throttled(Budget.full(rate.burst, START), START, pause)
    _, grant = rate.take(budget, START + timedelta(seconds=asked_after), patience=100_000)
    assert asked_after + grant.wait_seconds >= pause - 1e-5


@given(rates, st.floats(1, 900), st.floats(0, 900))
def test_a_shorter_pause_does_not_shorten_a_longer_one(rate: Rate, longer: float, shorter: float) -> None:
    first = throttled(Budget.full(rate.burst, START), START, longer)
    second = throttled(first, START, min(shorter, longer))
    assert second == first
