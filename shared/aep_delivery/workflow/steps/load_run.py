"""Claims a run for this execution, and gathers what verifying it needs."""

from __future__ import annotations

from datetime import timedelta

from aep_delivery.adobe.errors import EntityNotFoundError
from aep_delivery.events.inbound import DeliveryRequest
from aep_delivery.running.past_runs import as_awaited
from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.records import ResourceKind
from aep_delivery.state.watching import RunClaim
from aep_delivery.workflow.messages import DeliveryRef, EnsuredResource, PlanRef
from aep_delivery.workflow.run_claims import claim_run
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.find_runs import applied_at_the_time
from aep_delivery.workflow.watch_messages import LoadRun, RunToVerify
from aep_delivery.workflow.watched import NOTHING_APPLIED, Watched, applied_flow, watched


def load_run(message: LoadRun, services: Services) -> RunToVerify:
    """All that the steps of a verification take.

    Raises:
        InternalError: A document of what was applied is missing or damaged.
        TransientError: Adobe or the store asks to come back; ``run.not-found-yet``.
    """
    delivery_id = message.delivery_id
    known = applied_flow(delivery_id, services)
    if known is None:
        return RunToVerify(skipped=NOTHING_APPLIED)
    flow_id = known.flow_id
    claim = claim_run(delivery_id, message.run_id, message.execution, services)
    if claim.execution != message.execution:
        return RunToVerify(skipped=f"The execution {claim.execution} verifies it.")
    flow_service = services.flow_service(delivery_id.partition("/")[0])
    try:
        run = flow_service.get_run(message.run_id)
    except EntityNotFoundError:
        _refuse_while_reads_may_lag(claim, services)
        return RunToVerify(skipped="Adobe has it no more.")
    if run.flow_id not in (None, flow_id):
        return RunToVerify(skipped="It is of a dataflow that is not the delivery's, or is not any more.")
    cursor = services.store.run_cursor(delivery_id)
    at_the_time = applied_at_the_time(cursor, known.applied, run.created or claim.claimed_at)
    delivery = watched(delivery_id, at_the_time, flow_id, services)
    return RunToVerify(
        request=_request(delivery, message.run_id, services),
        delivery=DeliveryRef(delivery_id=delivery_id, config=at_the_time.config_key),
        plan=PlanRef(plan=at_the_time.plan_key, changes=0, warnings=0, audiences=len(delivery.plan.audiences)),
        resources=_resources(delivery_id, services),
        run=as_awaited(
            run, flow_id, delivery.timetables, lambda moment: flow_service.runs(flow_id, created_after=moment)
        ),
    )


def _refuse_while_reads_may_lag(claim: RunClaim, services: Services) -> None:
    """A run was listed a moment ago: that it is not there is believed only when it has been so for a while."""
    left = claim.claimed_at + timedelta(seconds=services.settings.settling_seconds) - services.clock.now()
    if left > timedelta():
        raise TransientError(
            f"Adobe listed run {claim.run_id} a moment ago and does not find it now.",
            code="run.not-found-yet",
            place=claim.run_id,
            retry_after_seconds=left.total_seconds(),
        )


def _resources(delivery_id: str, services: Services) -> list[EnsuredResource]:
    """The delivery's resources as the journal has them: nothing is done to any."""
    journal = services.store.read_journal(delivery_id)
    entries = ((kind, journal[kind].done) for kind in ResourceKind if kind in journal)
    return [EnsuredResource(kind=kind, id=done.resource_id, action="keep") for kind, done in entries if done]


def _request(delivery: Watched, run_id: str, services: Services) -> DeliveryRequest:
    """What the receipt names as the request: the config, and the schedule that Adobe has run it by."""
    origin = delivery.document.sources[0] if delivery.document.sources else None
    return DeliveryRequest(
        bucket=services.settings.config_bucket,
        key=origin.key if origin else delivery.document.source,
        version_id=origin.version if origin else None,
        trigger="schedule",
        occasion=run_id,
        requested_at=services.clock.now(),
    )
