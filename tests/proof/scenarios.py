"""What is delivered, changed and removed while something fails, and what must be true afterwards."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.errors import DeliveryError, TransientError
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import (
    AcquireLock,
    CheckRun,
    DeliveryName,
    PlanChanges,
    Recorded,
    RecordOutcome,
    ReleaseLock,
    RunProgress,
    Verified,
    VerifyDelivery,
)
from aep_delivery.workflow.removal_messages import DisableDataflow, RecordRemoval, RemoveConnections, RemoveDataflow
from aep_delivery.workflow.services import LOCK_TTL
from aep_delivery.workflow.steps import lock as lock_steps
from aep_delivery.workflow.steps.check_run import check_run
from aep_delivery.workflow.steps.plan_changes import plan_changes
from aep_delivery.workflow.steps.record_outcome import record_outcome
from aep_delivery.workflow.steps.record_removal import record_removal
from aep_delivery.workflow.steps.remove_resources import disable_dataflow, remove_connections, remove_dataflow
from aep_delivery.workflow.steps.verify_delivery import verify_delivery
from tests.faults import test_activation, test_exactly_once, watching
from tests.faults.harness import ATTEMPTS, CONFIG, LONGEST_DELAY, START, Execution, Installation
from tests.faults.test_crashes import KilledError
from tests.faults.test_found_runs import FIRST as FIRST_SLOT
from tests.faults.watching import find, travel, verify
from tests.proof.leaks import LEAKS

RUN_ATTEMPTS = 76
"""Starting a run is tried more often than all else."""
POLLS = 200
KINDS = ("connections", "sourceConnections", "targetConnections", "flows")
_names = itertools.count(1)


class ProofExecution(test_activation.AudienceExecution):
    """An execution whose steps are repeated as the workflow repeats them, by a new process where one was killed."""

    stack: Installation
    attempts = ATTEMPTS
    interval: float | None = None

    def step(self, act: Callable[[], Any]) -> Any:
        deaths = 0
        for attempt in itertools.count(1):
            try:
                result = act()
            except KilledError:
                # States.TaskFailed of the platform: four more attempts.
                deaths += 1
                assert deaths <= 4
                self.stack.restart()
                self.services = self.stack.services
            except TransientError as error:
                LEAKS.hear(error)
                if attempt >= self.attempts:
                    raise
            else:
                LEAKS.hear(result)
                return result
            self.services.clock.sleep(self.interval or min(LONGEST_DELAY, 10 * 2.0 ** (attempt - 1)))
        raise AssertionError("unreachable")

    def load(self) -> None:
        """A step of its own in the workflow."""
        self.step(super().load)

    def patiently(self, act: Callable[[], Any]) -> Any:
        """Every minute, as the workflow asks for runs."""
        self.attempts, self.interval = RUN_ATTEMPTS, 60.0
        try:
            return act()
        finally:
            self.attempts, self.interval = ATTEMPTS, None

    def apply_all(self, *, audiences: bool) -> None:
        """The steps up to the run."""
        self.make_plan()
        self.apply()
        if audiences:
            self.activate()

    def make_plan(self) -> Plan:
        """The plan's step, and a look at what it made."""
        self.load()
        message = PlanChanges(execution=self.name, delivery=self.delivery)
        self.plan = self.step(lambda: plan_changes(message, self.services))
        plan: Plan = self.step(lambda: read_document(self.services.documents, self.plan.plan, Plan))
        return plan

    def release_lock(self) -> None:
        """A step as all others are: a process that was killed is followed by another."""
        self.step(super().release_lock)

    def await_run(self) -> str:
        """Start the run and look at it until it has ended; returns the key of how it did."""
        self.patiently(self.start_run)
        awaited = self.run
        assert awaited is not None
        for polls in range(POLLS):
            message = CheckRun(execution=self.name, delivery=self.delivery, run=awaited, polls=polls)
            progress: RunProgress = self.step(partial(self._look, message))
            if progress.outcome is not None:
                return progress.outcome
            self.services.clock.sleep(progress.wait_seconds)
            self._settle()
        raise AssertionError("the run has not ended")

    def _look(self, message: CheckRun) -> RunProgress:
        return check_run(message, self.services)

    def verify(self, outcome: str) -> Recorded:
        """Compare what arrived, and keep the receipt."""
        message = VerifyDelivery(execution=self.name, delivery=self.delivery, plan=self.plan, outcome=outcome)
        verified: Verified = self.step(lambda: verify_delivery(message, self.services))
        assert verified.report is not None
        record = RecordOutcome(
            execution=self.name,
            request=DeliveryRequest(bucket="configs", key="a.yaml", trigger="upload", requested_at=START),
            delivery=self.delivery,
            plan=self.plan,
            resources=self.resources,
            outcome=outcome,
            report=verified.report,
            timeline=[],
        )
        recorded: Recorded = self.step(lambda: record_outcome(record, self.services))
        return recorded

    def _settle(self) -> None:
        """What is due by Adobe's clock is done by threads, which need a moment of ours."""
        scheduler = self.stack.adobe.emulator.scheduler
        scheduler.settle()
        end = time.monotonic() + 10
        while scheduler.busy and time.monotonic() < end:
            time.sleep(0.001)


@dataclass(frozen=True)
class Scenario:
    """One thing that is done to Adobe.

    Attributes:
        config: What is wanted.
        before: What was delivered before; None for nothing.
        removes: Whether all of it goes.
        runs: Whether a run is started and awaited.
        finds: Whether nothing is applied, but the run that Adobe made by itself is found and verified.
        connections: How many base connections there are at the end.
    """

    name: str
    config: dict[str, Any]
    before: dict[str, Any] | None = None
    removes: bool = False
    runs: bool = False
    finds: bool = False
    connections: int = 1

    @property
    def audiences(self) -> bool:
        return "audiences" in self.config

    @property
    def delivery_id(self) -> str:
        return f"{self.config['sandbox']}/{self.config['name']}"

    def prepare(self, stack: Installation) -> None:
        """What was there before."""
        if self.before is not None:
            dataclasses.replace(self, config=self.before, before=None, removes=False, runs=False, finds=False).act(
                stack
            )
            if self.finds:
                travel(stack, FIRST_SLOT + timedelta(minutes=20))
            elif not self.removes:
                stack.rotate_secret()
            stack.restart()

    def act(self, stack: Installation) -> None:
        """The workflow from taking the lock to giving it back; of a run that is found, from finding to its receipt."""
        execution = self.execution(stack)
        if self.finds:
            for run in execution.step(lambda: find(stack)).runs:
                verify(stack, run, execution.step)
            return
        if self.removes:
            remove(execution, self.delivery_id)
            return
        execution.take_lock()
        try:
            execution.apply_all(audiences=self.audiences)
            if self.runs:
                execution.verify(execution.await_run())
        finally:
            # What the workflow does whatever came before.
            execution.release_lock()

    def execution(self, stack: Installation) -> ProofExecution:
        execution = ProofExecution(stack.services, f"proof-{next(_names)}", self.config)
        execution.stack = stack
        return execution

    def heal(self, stack: Installation) -> None:
        """The next delivery after one that was refused; nobody mends anything by hand."""
        stack.restart()
        # A run whose verification failed is verified again a day later.
        stack.adobe.clock.sleep((timedelta(days=1) if self.finds else LOCK_TTL).total_seconds() + 60)
        dataclasses.replace(self, runs=False).act(stack)

    def faults_of_the_end(self, stack: Installation) -> list[str]:
        """What is not as it must be: doubles, losses, orphans, differences."""
        journal = stack.services.store.read_journal(self.delivery_id)
        found = [f"journal: {key} is unfinished" for key, entry in journal.items() if entry.intent or entry.superseded]
        wanted = (
            dict.fromkeys(KINDS, 0) if self.removes else {**dict.fromkeys(KINDS, 1), "connections": self.connections}
        )
        counts = stack.adobe.counts()
        found += [f"{kind}: {counts[kind]} instead of {wanted[kind]}" for kind in KINDS if counts[kind] != wanted[kind]]
        if self.finds:
            first, *_ = watching.runs(stack)
            claim = stack.services.store.run_claim(self.delivery_id, first["id"])
            found += [] if claim is not None and claim.verdict else ["the run was not verified"]
        if self.removes:
            return [*found, *(["the journal is not empty"] if journal else [])]
        if found:
            return found
        plan = stack.execution(self.config).make_plan()
        return [*found, *([f"{plan.changes} changes are left to do"] if plan.changes else [])]


def remove(execution: Execution, delivery_id: str) -> None:
    """The steps of the removal workflow."""
    delivery = DeliveryName(delivery_id=delivery_id)
    name = execution.name
    taken = execution.step(
        lambda: lock_steps.acquire_lock(AcquireLock(execution=name, delivery=delivery), execution.services)
    )
    step = {"execution": name, "delivery_id": delivery_id, "lock": taken}
    try:
        doomed = execution.step(lambda: disable_dataflow(DisableDataflow.model_validate(step), execution.services))
        execution.step(lambda: remove_dataflow(RemoveDataflow.model_validate(step), execution.services))
        execution.step(lambda: remove_connections(RemoveConnections.model_validate(step), execution.services))
    finally:
        released = ReleaseLock(execution=name, delivery=delivery)
        execution.step(lambda: lock_steps.release_lock(released, execution.services))
    message = RecordRemoval(execution=name, delivery_id=delivery_id, resources=doomed.resources)
    execution.step(lambda: record_removal(message, execution.services))


def refusal(act: Callable[[], None]) -> str:
    """How a workflow ended: ``recovered``, or the class and code that it stopped with."""
    try:
        act()
    except DeliveryError as error:
        LEAKS.hear(error)
        return f"{error.family} {error.code}"
    return "recovered"


CURRENT = test_activation.config("current")
FIRST = test_activation.config("first")
AT_ONCE = test_activation.config("current", schedule={**test_activation.DAILY, "startDate": "2027-01-01"})
AUDIENCES_CHANGED = test_activation.config(
    "current", audiences=(test_activation.READERS,), attributes=[{"source": "personalEmail.address"}]
)

SCENARIOS = (
    Scenario("datasets", CONFIG, runs=True),
    Scenario("datasets-changed", test_exactly_once.CHANGED, before=CONFIG),
    Scenario("datasets-removed", CONFIG, before=CONFIG, removes=True),
    Scenario("datasets-found", CONFIG, before=CONFIG, finds=True),
    Scenario("audiences", {**AT_ONCE, "run": {"trigger": "NOW"}}, runs=True),
    Scenario("audiences-changed", AUDIENCES_CHANGED, before=CURRENT),
    Scenario("audiences-first-generation", FIRST, connections=2),
    Scenario("audiences-first-generation-removed", FIRST, before=FIRST, removes=True),
)
