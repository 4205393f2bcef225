"""Asks Adobe for an ad-hoc run, or names the scheduled run to wait for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from aep_delivery.adobe.adhoc import start_audience_run, start_dataset_run
from aep_delivery.adobe.errors import AdobeTransientError, AdobeUserError
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import AwaitedRun
from aep_delivery.running.start import AdHocRun, await_scheduled_audiences, await_scheduled_run
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.announcing import Announcer
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import StartRun
from aep_delivery.workflow.services import Services

_OUT_OF_SCHEDULE = "adobe.out-of-schedule"


def start_run(message: StartRun, services: Services) -> AwaitedRun:
    """The run this delivery waits for.

    Raises:
        TransientError: The dataflow or an audience is not ready for export yet, or a run is going: ask again in a
            minute.
        UserError: The schedule has no run left.
    """
    config = read_config(services.documents, message.delivery).delivery()
    plan = read_document(services.documents, message.plan.plan, Plan)
    flow_id = message.resource_id(ResourceKind.DATAFLOW)
    flow_service = services.flow_service(config.sandbox)
    deadline = timedelta(minutes=config.run.deadline_minutes)
    if config.run.trigger == "SCHEDULED":
        if config.exports_audiences:
            return await_scheduled_audiences(flow_id, plan.audiences, flow_service, deadline)
        return await_scheduled_run(flow_id, plan.schedule, flow_service, deadline)
    run = AdHocRun(
        flow_id,
        post=_post(plan, flow_id, services, config.sandbox),
        flow_service=flow_service,
        store=services.store,
        fence=services.fence(message.delivery.delivery_id, message.execution, message.lock.token),
        clock=services.clock,
        settling=timedelta(seconds=services.settings.settling_seconds),
        audiences=[audience.id for audience in plan.audiences],
    )
    awaited = run.start(deadline)
    Announcer(message.execution, config.delivery_id, services).run_started(awaited, awaited.run_ids)
    return awaited


def _post(plan: Plan, flow_id: str, services: Services, sandbox: str) -> Callable[[], list[str]]:
    adobe = services.adobe(sandbox)
    audiences = [audience.id for audience in plan.audiences]
    datasets = [dataset.id for dataset in plan.datasets]

    def post_audiences() -> list[str]:
        try:
            return start_audience_run(adobe, flow_id, audiences)
        except AdobeUserError as error:
            if error.code != _OUT_OF_SCHEDULE:
                raise
            # One refusal for two reasons. That the schedule covers today was seen when the plan was made, so it is the
            # other one: an audience can be exported by hand an hour after it was put on the dataflow.
            raise AdobeTransientError(
                "An audience cannot be exported by hand yet: Adobe takes an hour after its activation.",
                code="run.audience-not-ready",
                problem=error.problem,
                place=flow_id,
                details=[str(error)],
            ) from error

    return post_audiences if audiences else lambda: start_dataset_run(adobe, flow_id, datasets)
