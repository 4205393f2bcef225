"""Gives the delivery's lock back."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import Released, ReleaseLock
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import lock


@step(ReleaseLock)
def handler(message: ReleaseLock) -> Released:
    """The step ``release_lock`` of the ``deliver`` workflow."""
    return lock.release_lock(message, services())
