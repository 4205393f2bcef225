"""Ends a removal: its record, the outcome, and the event."""

from __future__ import annotations

from aep_delivery.events.details import DeliveryRemoved
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.state.records import REMOVED, Outcome
from aep_delivery.workflow.documents import folder_of
from aep_delivery.workflow.removal_messages import RecordRemoval, Removal, RemovalRecord
from aep_delivery.workflow.services import Services


def record_removal(message: RecordRemoval, services: Services) -> Removal:
    """Keep the record, remember the outcome, tell the event bus."""
    done = RemovalRecord(
        delivery_id=message.delivery_id,
        execution=message.execution,
        resources=message.resources,
        finished_at=services.clock.now(),
    )
    key = f"{folder_of(done.delivery_id, done.execution)}/removal.json"
    uri = services.documents.put(key, done.model_dump_json(by_alias=True, indent=2))
    services.store.record_outcome(
        done.delivery_id,
        Outcome(execution=done.execution, verdict=REMOVED, finished_at=done.finished_at, receipt_uri=uri),
    )
    sandbox, _, name = done.delivery_id.partition("/")
    detail = DeliveryRemoved(
        delivery_id=done.delivery_id,
        delivery=name,
        sandbox=sandbox,
        execution=done.execution,
        reason=done.reason,
        resources=done.resources,
        record=uri,
        finished_at=done.finished_at,
    )
    services.publisher.publish(OutboundEvent(detail=detail))
    return Removal(**done.model_dump(), record=uri)
