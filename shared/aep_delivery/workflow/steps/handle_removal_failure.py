"""Ends a removal that an error stopped: the lock, and the event that says why."""

from __future__ import annotations

import re

from aep_delivery.events.base import EventError, within
from aep_delivery.events.details import DeliveryRemovalFailed
from aep_delivery.events.outbound import OutboundEvent
from aep_delivery.runtime.errors import read_cause
from aep_delivery.workflow.removal_messages import HandleRemovalFailure, RemovalFailed
from aep_delivery.workflow.services import Services


def handle_removal_failure(message: HandleRemovalFailure, services: Services) -> RemovalFailed:
    """Release the lock and announce the failure. The outcome of the delivery itself stays as it was."""
    error = read_cause(message.error, message.cause)
    asked = str(message.request.get("deliveryId") or "")
    delivery_id = asked if re.fullmatch(r"[^/\s]+/[^/\s]+", asked) else None
    sandbox, _, name = (delivery_id or "").partition("/")
    if delivery_id is not None:
        services.store.release_lock(delivery_id, message.execution)
    detail = DeliveryRemovalFailed(
        delivery_id=delivery_id,
        delivery=name or None,
        sandbox=sandbox or None,
        execution=message.execution,
        reason=within(error.message),
        error=EventError.of(error),
        finished_at=services.clock.now(),
    )
    services.publisher.publish(OutboundEvent(detail=detail))
    return RemovalFailed(error=error.code, cause=error.as_text())
