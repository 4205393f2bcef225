"""Puts a receipt together from the documents of an execution, keeps it, and announces it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aep_delivery.config.audience_schedule import AudienceSchedule
from aep_delivery.config.audiences import Activation
from aep_delivery.config.destinations import CloudFiles, Destination
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.config.schedule import ScheduleParams
from aep_delivery.events.outbound import event_for
from aep_delivery.planning.plan import Plan, PlannedAction, Severity
from aep_delivery.running.models import RunTrigger
from aep_delivery.state.records import Outcome
from aep_delivery.verification.receipt.models import (
    Asked,
    AskedActivation,
    AskedAttribute,
    AskedAudience,
    AskedCsvOptions,
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
from aep_delivery.verification.receipt.wire import snake_name
from aep_delivery.workflow.messages import EnsuredResource, TimelineEntry
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.earlier_runs import earlier_runs, remember_run

_ACTIONS = {action.value: ResourceAction[action.name] for action in PlannedAction if action.name != "USE"} | {
    "use": ResourceAction.KEEP
}


def asked(config: DeliveryConfig, plan: Plan | None) -> Asked:
    """What the config asked for, with the datasets, audiences and times that planning found."""
    trigger = RunTrigger(config.run.trigger)
    if config.exports_audiences:
        return Asked(
            destination=_destination(config),
            audiences=_audiences(config, plan),
            activation=_activation(config.audience_activation),
            trigger=trigger,
        )
    datasets = plan.datasets if plan else config.datasets
    return Asked(
        destination=_destination(config),
        datasets=[AskedDataset(id=dataset.id, name=dataset.name) for dataset in datasets],
        schedule=_schedule(config.dataset_schedule, plan),
        trigger=trigger,
    )


def _destination(config: DeliveryConfig) -> AskedDestination:
    """Adobe's target parameters, whichever the destination has."""
    destination = config.destination
    params = destination.model_dump(exclude={"auth", "encryption", "csv_options"})
    return AskedDestination.model_validate(
        {
            **params,
            "mode": getattr(destination, "effective_mode", None),
            "csv_options": _csv_options(destination),
            "encryption": isinstance(destination, CloudFiles) and destination.encryption is not None,
        }
    )


def _csv_options(destination: Destination) -> AskedCsvOptions | None:
    options = destination.effective_csv_options if isinstance(destination, CloudFiles) else None
    return AskedCsvOptions.model_validate(options.model_dump()) if options else None


def _schedule(schedule: ScheduleParams, plan: Plan | None) -> AskedSchedule:
    start, end = schedule.start_time, schedule.end_time
    if plan is not None:
        start, end = _moment(plan.schedule, "startTime"), _moment(plan.schedule, "endTime")
    return AskedSchedule(
        export_mode=schedule.export_mode,
        interval=schedule.interval,
        time_unit=schedule.time_unit,
        start_time=start,
        end_time=end,
        foldername_template=schedule.foldername_template,
    )


def _audiences(config: DeliveryConfig, plan: Plan | None) -> list[AskedAudience]:
    """The audiences with what holds for each: as planned, or else as far as the config says it."""
    if plan is not None:
        return [
            AskedAudience(
                id=audience.id,
                name=audience.name,
                export_mode=audience.export_mode,
                **{snake_name(field): value for field, value in audience.schedule.items()},
                filename_template=audience.filename_template,
            )
            for audience in plan.audiences
        ]
    activation = config.audience_activation
    return [
        AskedAudience(
            id=audience.id,
            name=audience.name,
            export_mode=audience.export_mode or activation.export_mode,
            **_schedule_fields(audience.schedule or activation.schedule),
            filename_template=audience.filename_template or activation.filename_template,
        )
        for audience in config.audiences
    ]


def _schedule_fields(schedule: AudienceSchedule | None) -> dict[str, Any]:
    return schedule.model_dump(exclude_none=True) if schedule is not None else {}


def _activation(activation: Activation) -> AskedActivation:
    return AskedActivation(
        attributes=[
            AskedAttribute(source=attribute.source, column=attribute.column_name) for attribute in activation.attributes
        ],
        mandatory_fields=list(activation.mandatory_fields),
        primary_fields=[field.attribute_path or field.identity_namespace or "" for field in activation.primary_fields],
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
    if receipt.delivery.sandbox is not None:
        receipt = receipt.model_copy(update={"earlier": earlier_runs(receipt, services)})
    uri = services.documents.put(f"{folder}/receipt.json", receipt.to_json())
    page = services.documents.put(f"{folder}/receipt.html", render_page(receipt), "text/html")
    found = receipt.verification
    if receipt.delivery.sandbox is not None:
        remember_run(receipt, services)
        services.store.record_outcome(
            receipt.delivery.id,
            Outcome(
                execution=receipt.request.execution,
                verdict=str(receipt.verdict),
                finished_at=receipt.finished_at,
                receipt_uri=uri,
                flow_id=receipt.run.flow_id if receipt.run else None,
                rows=found.rows if found and not found.uncounted_files else None,
                bytes=found.bytes if found else None,
                files=found.file_count if found else None,
            ),
        )
    services.publisher.publish(event_for(receipt, receipt_uri=uri, page_uri=page))
    return uri, page
