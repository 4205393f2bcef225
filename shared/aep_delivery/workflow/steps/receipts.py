"""Puts a receipt together from the documents of an execution, keeps it, and announces it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.events.outbound import event_for
from aep_delivery.planning.plan import Plan, PlannedAction, Severity
from aep_delivery.running.models import RunTrigger
from aep_delivery.state.records import Outcome
from aep_delivery.verification.receipt.models import (
    Asked,
    AskedDataset,
    AskedDestination,
    AskedSchedule,
    Receipt,
    Resource,
    ResourceAction,
    TimelineStep,
)
from aep_delivery.verification.receipt.models import ResourceKind as ReceiptKind
from aep_delivery.verification.receipt.page import render_page
from aep_delivery.workflow.messages import EnsuredResource, TimelineEntry
from aep_delivery.workflow.services import Services

_ACTIONS = {action.value: ResourceAction[action.name] for action in PlannedAction if action.name != "USE"} | {
    "use": ResourceAction.KEEP
}


def asked(config: DeliveryConfig, plan: Plan | None) -> Asked:
    """What the config asked for, with the datasets and times that planning found."""
    destination, schedule = config.destination, config.schedule_params
    datasets = (
        [AskedDataset(id=dataset.id, name=dataset.name) for dataset in plan.datasets]
        if plan
        else [AskedDataset(id=dataset.id, name=dataset.name) for dataset in config.datasets]
    )
    start, end = schedule.start_time, schedule.end_time
    if plan is not None:
        start, end = _moment(plan.schedule, "startTime"), _moment(plan.schedule, "endTime")
    return Asked(
        destination=AskedDestination(
            type=destination.type,
            bucket_name=destination.bucket_name,
            path=destination.path,
            dataset_file_type=destination.dataset_file_type,
            compression=destination.compression,
        ),
        datasets=datasets,
        schedule=AskedSchedule(
            export_mode=schedule.export_mode,
            interval=schedule.interval,
            time_unit=schedule.time_unit,
            start_time=start,
            end_time=end,
            foldername_template=schedule.foldername_template,
        ),
        trigger=RunTrigger(config.run.trigger),
    )


def _moment(schedule: dict[str, Any], field: str) -> datetime | None:
    return datetime.fromtimestamp(schedule[field], UTC) if field in schedule else None


def resources(ensured: list[EnsuredResource], plan: Plan | None) -> list[Resource]:
    """What was done to each resource: all that was planned, or what there was time for."""
    names = {resource.kind: resource.name for resource in plan.resources} if plan else {}
    return [
        Resource(
            kind=ReceiptKind(resource.kind.value.replace("-", " ")),
            id=resource.id,
            action=_ACTIONS[resource.action],
            name=names.get(resource.kind),
        )
        for resource in ensured
    ]


def warnings(plan: Plan) -> list[str]:
    """What the plan warned of; what is merely good to know was told when it was made."""
    return [f"{warning.message} [{warning.code}]" for warning in plan.warnings if warning.severity is Severity.WARNING]


def timeline(entries: list[TimelineEntry]) -> list[TimelineStep]:
    return [TimelineStep(step=e.step, entered_at=e.entered_at, left_at=e.left_at, attempts=e.attempts) for e in entries]


def keep(receipt: Receipt, folder: str, services: Services) -> tuple[str, str]:
    """Write the receipt and its page, remember the outcome, tell the event bus.

    Returns:
        The URIs of the receipt and of its page.
    """
    uri = services.documents.put(f"{folder}/receipt.json", receipt.to_json())
    page = services.documents.put(f"{folder}/receipt.html", render_page(receipt), "text/html")
    found = receipt.verification
    if receipt.delivery.sandbox is not None:
        services.store.record_outcome(
            receipt.delivery.id,
            Outcome(
                execution=receipt.request.execution,
                verdict=str(receipt.verdict),
                finished_at=receipt.finished_at,
                receipt_uri=uri,
                flow_id=receipt.run.flow_id if receipt.run else None,
                rows=found.rows if found else None,
                bytes=found.bytes if found else None,
                files=found.file_count if found else None,
            ),
        )
    services.publisher.publish(event_for(receipt, receipt_uri=uri, page_uri=page))
    return uri, page
