"""Whatever comes in between (two ticks at once, deliveries that await the run, executions that are killed), every run is
verified, and by one execution.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.strategies import booleans, data, integers, sampled_from

from aep_delivery.planning.plan import Plan
from aep_delivery.runtime.clock import FixedClock
from aep_delivery.runtime.settings import Settings
from aep_delivery.state.memory import MemoryStateStore
from aep_delivery.state.records import Action, Applied, Done, ResourceKind
from aep_delivery.workflow.documents import MemoryDocuments, write_document
from aep_delivery.workflow.run_claims import HELD_FOR, claim_run, is_settled
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.find_runs import find_runs
from aep_delivery.workflow.steps.start_verifications import verification_name
from aep_delivery.workflow.watch_messages import FindRuns
from tests.unit.running.runs import FakeRuns

DELIVERY = "prod/nyc-flights"
START = datetime(2027, 1, 1, 12, tzinfo=UTC)
AT_A_TIME = 2


class RunsOnce(RuleBasedStateMachine):
    """Adobe makes runs, watches tick, and executions claim, end, or are killed."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FixedClock(START)
        environment = {"OWNER": "stack", "STATE_TABLE": "table", "WORK_BUCKET": "work"}
        self.services = Services(Settings.from_environment(environment), self.clock)
        self.services.documents = MemoryDocuments()
        self.services.store = self.store = MemoryStateStore(self.clock)
        self.adobe = FakeRuns(self.clock)
        self.services.flow_service = lambda sandbox: self.adobe.service  # type: ignore[method-assign]
        lock = self.store.acquire_lock(DELIVERY, "deliver-0", timedelta(hours=1))
        done = Done(action=Action.CREATE, resource_id="flow", fingerprint="f")
        self.store.write_done(lock, ResourceKind.DATAFLOW, done)
        applied = Applied(
            config_key="c", plan_key="plan", execution="deliver-0", config_fingerprint="f", applied_at=START
        )
        self.store.record_applied(lock, applied)
        plan = Plan(
            config_fingerprint="f",
            delivery_id=DELIVERY,
            owner="stack",
            serial=0,
            datasets=[],
            schedule={},
            resources=[],
            warnings=[],
        )
        write_document(self.services.documents, "plan", plan)
        self.names: set[str] = set()
        """Of all executions there ever were: Step Functions takes none of them twice."""
        self.started: dict[str, str] = {}
        """Executions that have not claimed their run yet."""
        self.working: dict[str, str] = {}
        """Executions that have."""
        self.verified: dict[str, list[str]] = {}

    @rule(minutes=integers(min_value=1, max_value=600), ended=booleans())
    def adobe_makes_a_run(self, minutes: int, ended: bool) -> None:
        self.clock.sleep(minutes * 60)
        self.adobe.add(f"run-{len(self.adobe.listed)}", self.clock.now(), "success" if ended else "inProgress")

    @rule(choice=data())
    def a_run_ends(self, choice) -> None:  # type: ignore[no-untyped-def]
        going = [run for run in self.adobe.listed if "inProgress" in run.model_dump_json()]
        if going:
            run = choice.draw(sampled_from(going))
            self.adobe.listed.remove(run)
            self.adobe.add(run.id, run.created or START, "success")

    @rule(twice=booleans())
    def the_watch_ticks(self, twice: bool) -> None:
        ticks = [find_runs(FindRuns(execution="tick", delivery_id=DELIVERY, most=5), self.services) for _ in range(2)]
        for found in ticks if twice else ticks[:1]:
            room = AT_A_TIME - len(self.started) - len(self.working)
            for run in found.runs[: max(0, room)]:
                name = verification_name(DELIVERY, run)
                if name not in self.names:
                    self.names.add(name)
                    self.started[name] = run.run_id

    @rule(choice=data())
    @precondition(lambda self: self.adobe.listed)
    def a_delivery_sees_the_end_of_its_run(self, choice) -> None:  # type: ignore[no-untyped-def]
        run = choice.draw(sampled_from(self.adobe.listed))
        name = f"deliver-{len(self.names)}"
        self.names.add(name)
        if claim_run(DELIVERY, run.id, name, self.services).execution == name:
            self.working[name] = run.id

    @rule(choice=data(), killed=booleans())
    @precondition(lambda self: self.started)
    def an_execution_begins(self, choice, killed: bool) -> None:  # type: ignore[no-untyped-def]
        name = choice.draw(sampled_from(sorted(self.started)))
        run_id = self.started.pop(name)
        if claim_run(DELIVERY, run_id, name, self.services).execution == name and not killed:
            self.working[name] = run_id

    @rule(choice=data(), killed=booleans())
    @precondition(lambda self: self.working)
    def an_execution_ends(self, choice, killed: bool) -> None:  # type: ignore[no-untyped-def]
        name = choice.draw(sampled_from(sorted(self.working)))
        run_id = self.working.pop(name)
        if not killed:
            self.verify(name, run_id)

    @rule()
    def a_day_passes(self) -> None:
        # No verification takes that long: what is still at work has come to its end.
        for name, run_id in self.working.items():
            self.verify(name, run_id)
        self.working.clear()
        self.clock.sleep(HELD_FOR.total_seconds())

    def verify(self, name: str, run_id: str) -> None:
        claim = self.store.run_claim(DELIVERY, run_id)
        assert claim is not None
        assert claim.execution == name, "somebody else took the run in between"
        self.store.write_run_claim(DELIVERY, claim.model_copy(update={"verdict": "VERIFIED"}))
        self.verified.setdefault(run_id, []).append(name)

    @invariant()
    def no_run_is_verified_twice(self) -> None:
        assert all(len(names) == 1 for names in self.verified.values())

    @invariant()
    def no_two_are_at_the_same_run(self) -> None:
        assert len(set(self.working.values())) == len(self.working)

    def teardown(self) -> None:
        """In a world without further trouble every run that ended comes to a verdict, unless it was tried too often."""
        for name, run_id in [*self.working.items()]:
            self.verify(name, run_id)
        self.working.clear()
        for name, run_id in [*self.started.items()]:
            if claim_run(DELIVERY, run_id, name, self.services).execution == name:
                self.verify(name, run_id)
        self.started.clear()
        if self.adobe.listed and self.adobe.listed[0].created:
            self.finish()

    def finish(self) -> None:
        for _ in range(200):
            self.the_watch_ticks(twice=False)
            for name, run_id in [*self.started.items()]:
                if claim_run(DELIVERY, run_id, name, self.services).execution == name:
                    self.verify(name, run_id)
            self.started.clear()
            if not self.pending():
                return
            self.clock.sleep(3600)
        assert not self.pending(), self.pending()

    def pending(self) -> list[str]:
        """Runs that are over, not too old, and not settled."""
        recent = self.clock.now() - timedelta(days=13)
        over = [run.id for run in self.adobe.listed if "inProgress" not in run.model_dump_json()]
        young = {run.id for run in self.adobe.listed if run.created and run.created > recent}
        claims = {run_id: self.store.run_claim(DELIVERY, run_id) for run_id in over if run_id in young}
        return [run_id for run_id, claim in claims.items() if claim is None or not is_settled(claim, self.clock.now())]


TestRunsOnce = RunsOnce.TestCase
TestRunsOnce.settings = hypothesis_settings(max_examples=30, stateful_step_count=30, deadline=None)
