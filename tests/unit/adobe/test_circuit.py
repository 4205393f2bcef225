from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from aep_delivery.adobe.budget import Budget
from aep_delivery.adobe.circuit import PROBE_SECONDS, WINDOW_SECONDS, Circuit, CircuitState

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
CIRCUIT = Circuit(failures=3, open_seconds=30)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def failing(budget: Budget, *moments: float) -> Budget:
    for moment in moments:
        budget = CIRCUIT.failed(CIRCUIT.called(budget, at(moment), 1), at(moment))
    return budget


@pytest.fixture
def budget() -> Budget:
    return Budget.full(20, NOON)


@pytest.fixture
def opened(budget: Budget) -> Budget:
    return failing(budget, 0, 1, 2)


def test_it_opens_at_the_last_failure_and_not_before(budget: Budget) -> None:
    almost = failing(budget, 0, 1)
    assert CIRCUIT.state(almost, at(1)) is CircuitState.CLOSED
    assert CIRCUIT.wait_seconds(almost, at(1)) == 0
    opened = failing(almost, 2)
    assert CIRCUIT.state(opened, at(2)) is CircuitState.OPEN
    assert (opened.millitokens, opened.counted_at, opened.ramp_from) == (0, at(2), at(2))
    assert opened.epoch > almost.epoch, "what was granted before is void"


def test_failures_of_another_window_do_not_count(budget: Budget) -> None:
    later = failing(budget, 0, 1, WINDOW_SECONDS, WINDOW_SECONDS + 1)
    assert later.opened_at is None
    assert (later.window_from, later.window_calls, later.window_failures) == (at(WINDOW_SECONDS), 2, 2)
    assert failing(later, WINDOW_SECONDS + 2).opened_at is not None


@pytest.mark.parametrize(("calls", "opens"), [(6, True), (7, False)])
def test_one_entity_that_adobe_cannot_serve_stops_nobody_else(budget: Budget, calls: int, opens: bool) -> None:
    busy = CIRCUIT.called(budget, NOON, calls)
    for moment in range(3):
        busy = CIRCUIT.failed(busy, at(moment))
    assert (busy.opened_at is not None) is opens


def test_calls_that_were_granted_and_not_made_do_not_hide_an_outage(budget: Budget) -> None:
    for moment in range(3):
        budget = CIRCUIT.failed(CIRCUIT.called(budget, at(moment), 5), at(moment), unused=4)
    assert budget.opened_at is not None
    assert budget.window_calls == 3


def test_no_more_calls_are_taken_back_than_were_counted(budget: Budget) -> None:
    assert CIRCUIT.failed(CIRCUIT.called(budget, NOON, 2), NOON, unused=2).window_calls == 0
    assert CIRCUIT.failed(budget, NOON, unused=2).window_calls == 0


def test_while_it_is_open_nothing_changes_it(opened: Budget) -> None:
    assert CIRCUIT.failed(opened, at(3)) == opened
    assert CIRCUIT.wait_seconds(opened, at(3)) == 29
    assert CIRCUIT.state(opened, at(31.9)) is CircuitState.OPEN


def test_then_one_may_try_and_others_wait_for_it(opened: Budget) -> None:
    assert CIRCUIT.state(opened, at(32)) is CircuitState.PROBE
    trying = CIRCUIT.probing(opened, at(32))
    assert CIRCUIT.state(trying, at(33)) is CircuitState.OPEN
    assert CIRCUIT.state(trying, at(32 + PROBE_SECONDS)) is CircuitState.PROBE, "it may have died of it"


def test_a_try_in_vain_opens_it_again_and_says_since_when_adobe_is_down(opened: Budget) -> None:
    again = CIRCUIT.probe_failed(CIRCUIT.probing(opened, at(32)), at(40))
    assert again.opened_at == opened.opened_at == at(2)
    assert CIRCUIT.wait_seconds(again, at(40)) == 30


def test_an_answer_closes_it_and_lets_little_through_at_first(opened: Budget) -> None:
    closed = CIRCUIT.recovered(CIRCUIT.probing(opened, at(32)), at(33))
    assert CIRCUIT.state(closed, at(33)) is CircuitState.CLOSED
    assert closed == Budget(
        epoch=opened.epoch + 1,
        millitokens=0,
        counted_at=at(33),
        ramp_from=at(33),
        window_from=at(33),
    ), "what was granted before is void, and nothing of the outage is remembered"


def test_who_comes_late_changes_nothing_that_another_has_settled(budget: Budget) -> None:
    assert CIRCUIT.recovered(budget, NOON) == budget
    assert CIRCUIT.probe_failed(budget, NOON) == budget
