"""Releases the lock, writes a failure receipt and tells the event bus."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import FailureHandled, HandleFailure
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import handle_failure


@step(HandleFailure)
def handler(message: HandleFailure) -> FailureHandled:
    """The step ``handle_failure`` of the ``deliver`` workflow."""
    return handle_failure.handle_failure(message, services())
