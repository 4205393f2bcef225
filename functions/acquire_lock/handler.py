"""Takes the delivery's lock: one writer per delivery."""

from __future__ import annotations

from aep_delivery.runtime.step import step
from aep_delivery.workflow.messages import AcquireLock, LockRef
from aep_delivery.workflow.services import services
from aep_delivery.workflow.steps import lock


@step(AcquireLock)
def handler(message: AcquireLock) -> LockRef:
    """The step ``acquire_lock`` of the ``deliver`` workflow."""
    return lock.acquire_lock(message, services())
