"""Asks Adobe for an ad-hoc run, or names the scheduled run to wait for."""

from __future__ import annotations

from datetime import timedelta

from aep_delivery.adobe.adhoc import start_dataset_run
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import AwaitedRun
from aep_delivery.running.start import AdHocRun, await_scheduled_run
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.config_document import read_config
from aep_delivery.workflow.documents import read_document
from aep_delivery.workflow.messages import StartRun
from aep_delivery.workflow.services import Services


def start_run(message: StartRun, services: Services) -> AwaitedRun:
    """The run this delivery waits for.

    Raises:
        TransientError: The dataflow is not ready for export yet, or a run is going: ask again in a minute.
        UserError: The schedule has no run left.
    """
    config = read_config(services.documents, message.delivery).delivery()
    plan = read_document(services.documents, message.plan.plan, Plan)
    flow_id = message.resource_id(ResourceKind.DATAFLOW)
    flow_service = services.flow_service(config.sandbox)
    deadline = timedelta(minutes=config.run.deadline_minutes)
    if config.run.trigger == "SCHEDULED":
        return await_scheduled_run(flow_id, plan.schedule, flow_service, deadline)
    datasets = [dataset.id for dataset in plan.datasets]
    run = AdHocRun(
        flow_id,
        post=lambda: start_dataset_run(services.adobe(config.sandbox), flow_id, datasets),
        flow_service=flow_service,
        store=services.store,
        fence=services.fence(message.delivery.delivery_id, message.execution, message.lock.token),
        clock=services.clock,
        settling=timedelta(seconds=services.settings.settling_seconds),
    )
    return run.start(deadline)
