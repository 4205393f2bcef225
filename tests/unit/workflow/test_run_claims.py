from __future__ import annotations

from datetime import timedelta

import pytest

from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.watching import CLAIM_LIFETIME
from aep_delivery.workflow.run_claims import HELD_FOR, MOST_ATTEMPTS, claim_run, is_held, is_settled
from aep_delivery.workflow.steps.find_runs import LOOK_BACK

DELIVERY = "prod/nyc-flights"


def claim(services, execution):
    return claim_run(DELIVERY, "run-1", execution, services)


def test_who_claims_first_holds_it_and_may_ask_again(services):
    first = claim(services, "a")

    assert claim(services, "b").execution == "a"
    assert claim(services, "a").model_copy(update={"version": 0}) == first


def test_a_claim_without_a_verdict_lapses(services):
    claim(services, "a")
    services.clock.sleep(HELD_FOR.total_seconds())

    second = claim(services, "b")
    assert (second.execution, second.attempt) == ("b", 2)
    assert claim(services, "a").execution == "b"


def test_a_verdict_stands_for_ever(services):
    store = services.store
    store.write_run_claim(DELIVERY, claim(services, "a").model_copy(update={"version": 1, "verdict": "VERIFIED"}))
    services.clock.sleep(30 * 24 * 3600)

    assert claim(services, "b").execution == "a"


def test_after_some_attempts_nobody_tries_again(services):
    found = claim(services, "0")
    for attempt in range(1, MOST_ATTEMPTS):
        assert not is_settled(found, services.clock.now())
        services.clock.sleep(HELD_FOR.total_seconds())
        assert not is_settled(found, services.clock.now())
        found = claim(services, str(attempt))
    assert is_held(found, services.clock.now())
    assert not is_settled(found, services.clock.now())
    services.clock.sleep(HELD_FOR.total_seconds())
    assert is_settled(found, services.clock.now())


def test_a_race_is_decided_by_the_store(services, monkeypatch):
    write = services.store.write_run_claim

    def another_was_quicker(delivery_id, wanted):
        monkeypatch.setattr(services.store, "write_run_claim", write)
        write(delivery_id, wanted.model_copy(update={"execution": "quicker"}))
        return write(delivery_id, wanted)

    monkeypatch.setattr(services.store, "write_run_claim", another_was_quicker)
    assert claim(services, "slower").execution == "quicker"


def test_a_race_without_end_is_left_to_the_retry_of_the_step(services, monkeypatch):
    monkeypatch.setattr(services.store, "write_run_claim", lambda *_: False)
    with pytest.raises(TransientError) as caught:
        claim(services, "a")
    assert caught.value.code == "state.conflict"


def test_a_claim_outlives_the_time_in_which_its_run_is_looked_for():
    assert CLAIM_LIFETIME > LOOK_BACK
    assert timedelta(seconds=72_000) < HELD_FOR, "TimeoutSeconds of verify_run"
