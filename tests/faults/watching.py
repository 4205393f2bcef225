"""What the tests of the watches do over and over: let Adobe's clock run, look, and verify what was found."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.state.watching import RunClaim
from aep_delivery.workflow.messages import CheckRun, Recorded, RecordOutcome, RunProgress, VerifyDelivery
from aep_delivery.workflow.steps.check_run import check_run
from aep_delivery.workflow.steps.find_runs import find_runs
from aep_delivery.workflow.steps.load_run import load_run
from aep_delivery.workflow.steps.record_outcome import record_outcome
from aep_delivery.workflow.steps.start_verifications import verification_name
from aep_delivery.workflow.steps.verify_delivery import verify_delivery
from aep_delivery.workflow.steps.watch_freshness import watch_freshness
from aep_delivery.workflow.watch_messages import (
    FindRuns,
    FoundRun,
    FoundRuns,
    FreshnessChecked,
    LoadRun,
    RunToVerify,
    WatchFreshness,
)
from tests.faults.harness import Installation

DELIVERY = "prod/planes"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Told:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[OutboundEvent] = []

    def publish(self, event: OutboundEvent) -> None:
        self.events.append(event)

    def types(self) -> list[str]:
        """What was told since the last question."""
        found = [event.detail_type for event in self.events]
        self.events.clear()
        return found


def listen(stack: Installation) -> Told:
    told = Told()
    stack.services.publisher = told
    return told


def travel(stack: Installation, to: datetime) -> None:
    """Adobe's clock, which is everybody's here, shows `to`; what was due until then has happened."""
    _idle(stack)
    stack.adobe.control("POST", "clock", {"set": to.isoformat()})
    _idle(stack)
    # A warm transport trusts a reading of Adobe's clock for a minute, in which this one has leapt.
    stack.services._transports.clear()


def _idle(stack: Installation) -> None:
    """A run that is under way ends by the clock it sees then."""
    end = time.monotonic() + 10
    while stack.adobe.emulator.scheduler.busy and time.monotonic() < end:
        time.sleep(0.01)


def runs(stack: Installation) -> list[dict[str, Any]]:
    """Adobe's runs, the oldest first."""
    sandbox = stack.adobe.control("GET", "entities", params={"sandbox": "prod"})["sandboxes"]["prod"]
    found: list[dict[str, Any]] = sandbox["runs"]["items"]
    return sorted(found, key=lambda run: run["createdAt"])


MOST = 3


def find(stack: Installation) -> FoundRuns:
    return find_runs(FindRuns(execution="tick", delivery_id=DELIVERY, most=MOST), stack.services)


def found_ids(stack: Installation) -> list[str]:
    return [run.run_id for run in find(stack).runs]


def claim_of(stack: Installation, run_id: str) -> RunClaim:
    claim = stack.services.store.run_claim(DELIVERY, run_id)
    assert claim is not None
    return claim


def load(stack: Installation, run: FoundRun) -> tuple[str, RunToVerify]:
    name = verification_name(DELIVERY, run)
    return name, load_run(LoadRun(execution=name, delivery_id=DELIVERY, run_id=run.run_id), stack.services)


def looked(stack: Installation, name: str, task: RunToVerify) -> RunProgress:
    assert task.delivery is not None
    assert task.run is not None
    return check_run(
        CheckRun(execution=name, delivery=task.delivery, run=task.run, polls=0, begun=True), stack.services
    )


def _at_once(act: Callable[[], Any]) -> Any:
    return act()


def verify(stack: Installation, run: FoundRun, step: Callable[[Callable[[], Any]], Any] = _at_once) -> Recorded | None:
    """What the workflow ``verify_run`` does, each step by way of `step`; None where the run is another's."""
    name, task = step(lambda: load(stack, run))
    if task.skipped is not None:
        return None
    assert task.request is not None
    assert task.delivery is not None
    assert task.plan is not None
    outcome = step(lambda: looked(stack, name, task)).outcome
    assert outcome is not None
    message = VerifyDelivery(execution=name, delivery=task.delivery, plan=task.plan, outcome=outcome)
    verified = step(lambda: verify_delivery(message, stack.services))
    assert verified.report is not None
    record = RecordOutcome(
        execution=name,
        request=task.request,
        delivery=task.delivery,
        plan=task.plan,
        resources=task.resources,
        outcome=outcome,
        report=verified.report,
        timeline=[],
    )
    recorded: Recorded = step(lambda: record_outcome(record, stack.services))
    return recorded


def receipt(stack: Installation, recorded: Recorded) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(stack.services.documents.get(recorded.receipt.removeprefix("memory://")))
    return kept


def watch(stack: Installation, execution: str = "watch") -> FreshnessChecked:
    return watch_freshness(WatchFreshness(execution=execution, delivery_id=DELIVERY), stack.services)
