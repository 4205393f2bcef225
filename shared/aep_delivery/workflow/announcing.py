"""Tells the event bus how a delivery gets on: each fact after it has become one, and again where a step is repeated.

A repetition carries the same ``eventId``, so that nobody has to remember here what was told already.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from aep_delivery.events.base import MOST_RUNS, named
from aep_delivery.events.details import Detail
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.events.progress import (
    AppliedResource,
    DeliveryAccepted,
    PlanApplied,
    PlannedCounts,
    PlanReady,
    RunFinished,
    RunStarted,
)
from aep_delivery.planning.plan import ActivationAction, Plan, PlannedAction
from aep_delivery.running.models import AwaitedRun, RunOutcome, RunStatus, RunTrigger
from aep_delivery.state.records import ResourceKind

if TYPE_CHECKING:
    from aep_delivery.events.inbound import DeliveryRequest
    from aep_delivery.workflow.messages import EnsuredResource
    from aep_delivery.workflow.services import Services

_COUNTED_AS = {PlannedAction.USE: "keep", ActivationAction.ADD: "create"}
_ENDED: dict[RunStatus, Literal["SUCCESS", "EMPTY", "PARTIAL", "FAILED"]] = {
    RunStatus.SUCCESS: "SUCCESS",
    RunStatus.EMPTY: "EMPTY",
    RunStatus.PARTIAL: "PARTIAL",
    RunStatus.FAILED: "FAILED",
}


class Announcer:
    """One execution's way of telling.

    Args:
        execution: The execution's name.
        delivery_id: ``sandbox/name``.
        services: The collaborators.
    """

    def __init__(self, execution: str, delivery_id: str, services: Services) -> None:
        self._id = delivery_id
        self._who = {**named(delivery_id), "execution": execution}
        self._services = services

    def accepted(self, request: DeliveryRequest, config: str) -> None:
        """The config was read, and kept under a key of the work bucket."""
        detail = DeliveryAccepted(
            **self._who,
            reason=f"{self._id} is asked for, and its config is in order.",
            trigger=request.trigger,
            bucket=request.bucket,
            key=request.key,
            version_id=request.version_id,
            config=self._services.documents.uri(config),
            requested_at=request.requested_at,
            accepted_at=self._services.clock.now(),
        )
        self._publish(detail)

    def planned(self, plan: Plan, key: str) -> None:
        """The plan was made, and kept under a key of the work bucket."""
        detail = PlanReady(
            **self._who,
            reason=f"The plan for {self._id} changes {_things(plan.changes)} in Adobe.",
            plan=self._services.documents.uri(key),
            changes=plan.changes,
            actions=_counts(plan),
            warnings=len(plan.warnings),
            planned_at=self._services.clock.now(),
        )
        self._publish(detail)

    def applied(self, plan: Plan, key: str, resources: list[EnsuredResource]) -> None:
        """Adobe is as planned, and that was recorded. Nothing is told where there was nothing to do.

        Args:
            plan: The plan.
            key: Its key in the work bucket.
            resources: All that were ensured, the dataflow among them.
        """
        if not plan.does_something:
            return
        detail = PlanApplied(
            **self._who,
            reason=_what_was_applied(plan),
            plan=self._services.documents.uri(key),
            changes=plan.changes,
            actions=_counts(plan),
            # The plan's word for what was done: of a step that was repeated, the second call finds it done.
            resources=[
                AppliedResource(kind=one.kind.value, id=one.id, action=plan.resource(one.kind).action.value)
                for one in resources
            ],
            flow_id=next(one.id for one in resources if one.kind is ResourceKind.DATAFLOW),
            applied_at=self._services.clock.now(),
        )
        self._publish(detail)

    def run_started(self, run: AwaitedRun, run_ids: list[str]) -> None:
        """Adobe has taken the request for a run, or the awaited one is there."""
        began = "Adobe has started a run" if run.trigger is RunTrigger.NOW else "The scheduled run has begun"
        detail = RunStarted(
            **self._who,
            reason=f"{began} for {self._id}.",
            trigger=run.trigger.value,
            flow_id=run.flow_id,
            run_ids=run_ids[:MOST_RUNS],
            slot=run.slot,
            deadline=run.deadline,
            seen_at=self._services.clock.now(),
        )
        self._publish(detail)

    def run_finished(self, run: AwaitedRun, outcome: RunOutcome, key: str) -> None:
        """The run has ended, and its outcome is kept under a key of the work bucket. Nothing is told of a run that
        never came, or never ended.
        """
        if outcome.status not in _ENDED:
            return
        records = "" if outcome.records is None else f": {outcome.records:,} records, says Adobe"
        detail = RunFinished(
            **self._who,
            reason=f"The run for {self._id} has ended as {outcome.status}{records}.",
            trigger=run.trigger.value,
            flow_id=outcome.flow_id,
            run_ids=outcome.run_ids[:MOST_RUNS],
            slot=outcome.slot,
            status=_ENDED[outcome.status],
            records=outcome.records,
            files=outcome.files,
            bytes=outcome.bytes,
            skipped_records=outcome.skipped_records,
            failed_records=outcome.failed_records,
            outcome=self._services.documents.uri(key),
            started_at=outcome.started_at,
            completed_at=outcome.completed_at,
            seen_at=self._services.clock.now(),
        )
        self._publish(detail)

    def _publish(self, detail: Detail) -> None:
        self._services.publisher.publish(OutboundEvent(detail=detail))


def _counts(plan: Plan) -> PlannedCounts:
    actions: list[PlannedAction | ActivationAction] = [resource.action for resource in plan.resources]
    if plan.activation is not None:
        actions += [change.action for change in plan.activation.changes]
    return PlannedCounts(**Counter(_COUNTED_AS.get(action, action.value) for action in actions))


def _what_was_applied(plan: Plan) -> str:
    if not plan.changes:
        return f"What is in Adobe for {plan.delivery_id} was taken over as it is."
    return f"{_things(plan.changes)} {'was' if plan.changes == 1 else 'were'} changed in Adobe for {plan.delivery_id}."


def _things(number: int) -> str:
    return {0: "nothing", 1: "1 thing"}.get(number, f"{number} things")
