"""Releases the lock of a removal that failed and tells the event bus."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.removal_messages import HandleRemovalFailure, RemovalFailed
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import handle_removal_failure


@step(HandleRemovalFailure)
def handler(message: HandleRemovalFailure) -> RemovalFailed:
    """The step ``handle_removal_failure`` of the ``remove`` workflow."""
    return handle_removal_failure.handle_removal_failure(message, services())
