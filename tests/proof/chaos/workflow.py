"""The ``deliver`` workflow in one thread: its steps, repeated as often as its definition says, and its way out."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.runtime.errors import DeliveryError, TransientError, boundary_error
from aep_delivery.workflow.messages import (
    AcquireLock,
    CheckRun,
    DeliveryRef,
    EnsuredResource,
    EnsureResource,
    HandleFailure,
    LoadConfig,
    LockRef,
    PlanChanges,
    PlanRef,
    RecordOutcome,
    ReleaseLock,
    StartRun,
    VerifyDelivery,
)
from aep_delivery.workflow.steps.check_run import check_run
from aep_delivery.workflow.steps.ensure_resource import (
    ensure_base_connection,
    ensure_dataflow,
    ensure_source_connection,
    ensure_target_connection,
)
from aep_delivery.workflow.steps.handle_failure import handle_failure
from aep_delivery.workflow.steps.load_config import load_config
from aep_delivery.workflow.steps.lock import acquire_lock, release_lock
from aep_delivery.workflow.steps.plan_changes import plan_changes
from aep_delivery.workflow.steps.record_outcome import record_outcome
from aep_delivery.workflow.steps.start_run import start_run
from aep_delivery.workflow.steps.verify_delivery import verify_delivery
from tests.faults.test_crashes import KilledError
from tests.proof.chaos.ground import ChaosGround, ChaosServices
from tests.proof.chaos.history import Section

DEFINITION = json.loads(Path("statemachines/deliver.asl.json").read_text())["States"]
ENSURE = {
    "EnsureBaseConnection": ensure_base_connection,
    "EnsureSourceConnection": ensure_source_connection,
    "EnsureTargetConnection": ensure_target_connection,
    "EnsureDataflow": ensure_dataflow,
}
KILLED = "Sandbox.Timedout"
"""What the platform says of a process that is gone."""
T = TypeVar("T")


@dataclass(frozen=True)
class End:
    """How an execution ended: a verdict, or the code that it was refused with."""

    execution: str
    delivery: str | None
    verdict: str | None
    code: str | None
    section: Section | None
    runs: tuple[str, ...] = ()


class Life:
    """One execution."""

    def __init__(self, ground: ChaosGround, name: str, request: DeliveryRequest, tick: Callable[[], float]) -> None:
        self._ground, self._name, self._request, self._tick = ground, name, request, tick
        self._services = ChaosServices(ground)
        self._chance = random.Random(name)  # noqa: S311 - the same every time
        self._delivery: DeliveryRef | None = None
        self._plan: PlanRef | None = None
        self._resources: list[EnsuredResource] = []
        self._lock: LockRef | None = None
        self._taken = 0.0
        self._given_back: float | None = None
        self._wrote: list[float] = []
        self._run: tuple[str, ...] = ()
        self._state = ""

    def live(self) -> End:
        """Go through the workflow, whatever comes."""
        # Who changes something in Adobe is asked for at the moment when the call leaves.
        self._ground.transport.caller.wrote = lambda: self._wrote.append(self._tick())
        verdict = code = None
        try:
            verdict = self._deliver()
        except (DeliveryError, KilledError) as error:
            code = self._fail(error)
        delivery = self._delivery.delivery_id if self._delivery else None
        section = None
        if self._lock is not None and delivery is not None:
            section = Section(delivery, self._name, self._lock.token, self._taken, self._given_back, tuple(self._wrote))
        return End(self._name, delivery, verdict, code, section, self._run)

    def _deliver(self) -> str:
        name = self._name
        load = LoadConfig(execution=name, request=self._request)
        delivery = self._delivery = self._step("LoadConfig", lambda: load_config(load, self._services))
        acquire = AcquireLock(execution=name, delivery=delivery)
        lock = self._lock = self._step("AcquireLock", lambda: acquire_lock(acquire, self._services))
        self._taken = self._tick()
        planning = PlanChanges(execution=name, delivery=delivery)
        plan = self._plan = self._step("PlanChanges", lambda: plan_changes(planning, self._services))
        common: dict[str, Any] = {"execution": name, "delivery": delivery, "lock": lock, "plan": plan}
        for state, ensure in ENSURE.items():
            message = EnsureResource(**common, resources=list(self._resources))
            self._resources.append(self._step(state, self._bound(ensure, message)))
        start = StartRun(**common, resources=self._resources)
        run = self._step("StartRun", lambda: start_run(start, self._services))
        self._run = tuple(run.run_ids)
        self._given_back = self._tick()
        release = ReleaseLock(execution=name, delivery=delivery)
        self._step("ReleaseLock", lambda: release_lock(release, self._services))
        polls, begun = 0, False
        while True:
            look = CheckRun(execution=name, delivery=delivery, run=run, polls=polls, begun=begun)
            progress = self._step("CheckRun", self._bound(check_run, look))
            if progress.recorded is not None:
                return progress.recorded.verdict
            if progress.outcome is not None:
                break
            polls, begun = polls + 1, progress.begun
            self._services.clock.sleep(progress.wait_seconds)
        verify = VerifyDelivery(execution=name, delivery=delivery, plan=plan, outcome=progress.outcome)
        verified = self._step("VerifyDelivery", lambda: verify_delivery(verify, self._services))
        assert verified.report is not None
        record = RecordOutcome(
            execution=name,
            request=self._request,
            delivery=delivery,
            plan=plan,
            resources=self._resources,
            outcome=progress.outcome,
            report=verified.report,
            timeline=[],
        )
        return self._step("RecordOutcome", lambda: record_outcome(record, self._services)).verdict

    def _fail(self, error: DeliveryError | KilledError) -> str:
        name, message = KILLED, ""
        if isinstance(error, DeliveryError):
            name, message = error.family, str(boundary_error(error))
        failure = HandleFailure(
            execution=self._name,
            request=self._request.model_dump(mode="json", by_alias=True),
            delivery=self._delivery,
            plan=self._plan,
            resources=self._resources,
            failed_step=self._state,
            error=name,
            cause=json.dumps({"errorMessage": message}),
        )
        if self._given_back is None:
            self._given_back = self._tick()
        return self._step("HandleFailure", lambda: handle_failure(failure, self._services)).error

    def _bound(self, act: Callable[[Any, Any], T], message: Any) -> Callable[[], T]:
        return lambda: act(message, self._services)

    def _step(self, state: str, act: Callable[[], T]) -> T:
        """A state of the definition, with its retries: full jitter, as the definition asks for."""
        self._state = state
        failed: Counter[str] = Counter()
        while True:
            try:
                return act()
            except (TransientError, KilledError) as error:
                name = "TransientError" if isinstance(error, TransientError) else KILLED
                failed[name] += 1
                self._ground.troubles[getattr(error, "code", KILLED)] += 1
                rule = next(rule for rule in DEFINITION[state]["Retry"] if name in rule["ErrorEquals"])
                if failed[name] > rule["MaxAttempts"]:
                    raise
                longest = rule["IntervalSeconds"] * rule["BackoffRate"] ** (failed[name] - 1)
                wait = self._chance.uniform(0, min(longest, rule["MaxDelaySeconds"]))
            if name == KILLED:
                # Another process goes on.
                self._services = ChaosServices(self._ground)
            self._services.clock.sleep(wait)
