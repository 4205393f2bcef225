from __future__ import annotations

import pytest

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.lock import LockHeldError, LockLostError
from aep_delivery.workflow.in_process import ATTEMPTS, LONGEST_ASKED, locked, patiently
from aep_delivery.workflow.messages import DeliveryName
from aep_delivery.workflow.services import LOCK_TTL

DELIVERY = DeliveryName(delivery_id="prod/nyc-flights")


class Failing:
    """Fails with the errors one after another, then answers."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def busy(seconds=None):
    return TransientError("Busy.", code="adobe.throttled", retry_after_seconds=seconds)


def test_what_nobody_is_to_blame_for_is_repeated_with_growing_waits(services):
    call = Failing(busy(), busy(), busy())
    assert patiently(call, services.clock) == "done"
    assert services.clock.slept == [2.0, 4.0, 8.0]


@pytest.mark.parametrize(("asked", "waited"), [(30.0, 30.0), (0.5, 2.0), (9999.0, LONGEST_ASKED)])
def test_the_other_side_may_ask_for_more_time_within_limits(services, asked, waited):
    patiently(Failing(busy(asked)), services.clock)
    assert services.clock.slept == [waited]


def test_it_is_given_up_in_the_end(services):
    call = Failing(*[busy()] * ATTEMPTS)
    with pytest.raises(TransientError):
        patiently(call, services.clock)
    assert call.calls == ATTEMPTS


@pytest.mark.parametrize("kind", [UserError, LockHeldError, LockLostError])
def test_what_waiting_does_not_mend_is_raised_at_once(services, kind):
    call = Failing(kind("No.", code="some.code"))
    with pytest.raises(kind):
        patiently(call, services.clock)
    assert (call.calls, services.clock.slept) == (1, [])


def test_the_lock_is_given_back_on_every_way_out(services):
    with locked("one", DELIVERY, services) as lock:
        assert lock.token == 1
        with pytest.raises(LockHeldError), locked("other", DELIVERY, services):
            pytest.fail("two writers")
        # Who was turned away has not given back what is not theirs.
        with pytest.raises(LockHeldError):
            services.store.acquire_lock(DELIVERY.delivery_id, "third", LOCK_TTL)
    for error in (UserError("No.", code="some.code"), KeyboardInterrupt()):
        with pytest.raises(type(error)), locked("one", DELIVERY, services):
            raise error
    assert services.store.acquire_lock(DELIVERY.delivery_id, "next", LOCK_TTL).owner == "next"
