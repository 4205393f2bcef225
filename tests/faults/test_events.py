"""What the event bus hears of a delivery whose steps are repeated: each fact under one id, and none that is untrue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.events.progress import PlanApplied, PlanReady, RunStarted
from aep_delivery.runtime.errors import TransientError, UserError
from tests.faults.harness import CONFIG, Execution, Installation, config

WAY = ["Plan Ready", "Plan Applied", "Run Started"]


class Bus:
    """Keeps what it is sent; refuses the first attempts, where it is told to."""

    def __init__(self, *, busy: int = 0) -> None:
        self.heard: list[OutboundEvent] = []
        self.busy = busy

    def publish(self, event: OutboundEvent) -> None:
        if self.busy:
            self.busy -= 1
            raise TransientError("The event bus did not take the event.", code="event.not-published")
        self.heard.append(event)

    @property
    def kinds(self) -> list[str]:
        return [event.detail_type for event in self.heard]

    def ids(self, kind: str) -> set[str]:
        return {event.detail.event_id for event in self.heard if event.detail_type == kind}


def deliver(stack: Installation, bus: Bus, settings: dict[str, Any] = CONFIG, **kwargs: Any) -> Execution:
    stack.services.publisher = bus
    execution = stack.execution(settings)
    execution.repeat = kwargs.get("repeat")
    execution.deliver()
    return execution


def twice(act: Callable[[], Any]) -> Any:
    """A step whose answer is lost: all of it is done, and done again."""
    act()
    return act()


def test_each_fact_is_told_once_in_order(stack: Installation) -> None:
    bus = Bus()
    execution = deliver(stack, bus)
    assert bus.kinds == WAY
    ready, applied, started = (event.detail for event in bus.heard)
    assert isinstance(ready, PlanReady)
    assert isinstance(applied, PlanApplied)
    assert isinstance(started, RunStarted)
    assert {detail.execution for detail in (ready, applied, started)} == {execution.name}
    assert (ready.changes, ready.actions.create, ready.plan) == (4, 4, f"memory://{execution.plan.plan}")
    assert ready.reason == "The plan for prod/planes changes 4 things in Adobe."
    assert {one.id for one in applied.resources} == {one.id for one in execution.resources}
    assert applied.flow_id == stack.adobe.only("flows")["id"] == started.flow_id
    assert started.run_ids == [run["id"] for run in stack.adobe.entities("runs")]


def test_a_step_that_is_repeated_tells_the_same_under_the_same_id(stack: Installation) -> None:
    bus = Bus()
    deliver(stack, bus, repeat=twice)
    assert {kind: len(bus.ids(kind)) for kind in WAY} == dict.fromkeys(WAY, 1)
    assert bus.kinds == [kind for kind in WAY for _ in range(2)]
    first, second = [e.detail for e in bus.heard if isinstance(e.detail, PlanApplied)]
    # The second attempt found all as planned; what was done is told as it was planned all the same.
    assert first.resources == second.resources
    assert {one.action for one in second.resources} == {"create"}
    stack.assert_exactly_once(runs=1)


@pytest.mark.parametrize("busy", range(1, 4))
def test_a_bus_that_is_busy_repeats_the_step_and_nothing_in_adobe(stack: Installation, busy: int) -> None:
    bus = Bus(busy=busy)
    deliver(stack, bus)
    assert bus.kinds == WAY
    stack.services.publisher = Bus()
    stack.assert_exactly_once(runs=1)


def test_where_nothing_was_applied_nothing_is_said_to_be(stack: Installation) -> None:
    deliver(stack, Bus())
    bus = Bus()
    deliver(stack, bus)
    assert bus.kinds == ["Plan Ready", "Run Started"]
    assert isinstance(bus.heard[0].detail, PlanReady)
    assert (bus.heard[0].detail.changes, bus.heard[0].detail.actions.keep) == (0, 4)
    assert bus.heard[0].detail.reason == "The plan for prod/planes changes nothing in Adobe."


def test_one_change_is_one_thing(stack: Installation) -> None:
    deliver(stack, Bus())
    bus = Bus()
    deliver(stack, bus, config(scheduleParams={"interval": 6}))
    applied = bus.heard[1].detail
    assert isinstance(applied, PlanApplied)
    assert applied.reason == "1 thing was changed in Adobe for prod/planes."
    assert (applied.changes, applied.actions.update, applied.actions.keep) == (1, 1, 3)


def test_a_run_that_is_awaited_has_not_started(stack: Installation) -> None:
    bus = Bus()
    deliver(stack, bus, config(run={"trigger": "SCHEDULED"}))
    assert bus.kinds == ["Plan Ready", "Plan Applied"]


def test_what_is_refused_is_not_told(stack: Installation) -> None:
    bus = Bus()
    stack.adobe.plant(
        "POST /data/foundation/flowservice/flows", {"type": "respond", "status": 400, "body": {"message": "No."}}
    )
    with pytest.raises(UserError):
        deliver(stack, bus)
    assert bus.kinds == ["Plan Ready"]
