"""A whole removal in one process: for the command line, which has no workflow to repeat its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.workflow.messages import AcquireLock, DeliveryName, ReleaseLock
from aep_delivery.workflow.removal_messages import (
    DisableDataflow,
    RecordRemoval,
    Removal,
    RemoveConnections,
    RemoveDataflow,
)
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.lock import acquire_lock, release_lock
from aep_delivery.workflow.steps.record_removal import record_removal
from aep_delivery.workflow.steps.remove_resources import disable_dataflow, remove_connections, remove_dataflow

T = TypeVar("T")

ATTEMPTS = 7
LONGEST_WAIT = 120.0
"""Seconds between two attempts at a step."""


def remove_delivery(delivery_id: str, execution: str, services: Services) -> Removal:
    """Remove everything that a delivery owns in Adobe. Exported files stay.

    Args:
        delivery_id: ``sandbox/name``.
        execution: Who asks; holder of the lock, and part of the record's key.
        services: The collaborators. The clock is slept on between attempts; "Delivery Removed" goes to the publisher.

    Returns:
        What was removed. Removing again finds nothing and is fine.

    Raises:
        UserError: ``remove.delivery-id``, ``remove.unknown-delivery``, ``ownership.not-in-journal``,
            ``ownership.marker-removed`` or ``remove.in-use``.
        TransientError: ``state.delivery-locked`` at once; any other when a step did not succeed in its attempts.
    """
    try:
        delivery = DeliveryName(delivery_id=delivery_id)
    except ValidationError:
        raise UserError(
            f"{delivery_id!r} is not the id of a delivery.",
            code="remove.delivery-id",
            hint="A delivery is called sandbox/name, both as in its config.",
        ) from None
    lock = acquire_lock(AcquireLock(execution=execution, delivery=delivery), services)
    step = {"execution": execution, "delivery_id": delivery_id, "lock": lock}

    def repeated(act: Callable[[], T]) -> T:
        retrying = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=10, max=LONGEST_WAIT),
            sleep=services.clock.sleep,
            reraise=True,
        )
        return retrying(act)

    try:
        doomed = repeated(lambda: disable_dataflow(DisableDataflow.model_validate(step), services))
        repeated(lambda: remove_dataflow(RemoveDataflow.model_validate(step), services))
        repeated(lambda: remove_connections(RemoveConnections.model_validate(step), services))
    finally:
        release_lock(ReleaseLock(execution=execution, delivery=delivery), services)
    record = RecordRemoval(execution=execution, delivery_id=delivery_id, resources=doomed.resources)
    return record_removal(record, services)
