"""Takes the delivery's lock and gives it back."""

from __future__ import annotations

from aep_delivery.workflow.messages import AcquireLock, LockRef, Released, ReleaseLock
from aep_delivery.workflow.services import LOCK_TTL, Services


def acquire_lock(message: AcquireLock, services: Services) -> LockRef:
    """Take the lock, or get it back where this execution holds it already.

    Raises:
        TransientError: ``state.delivery-locked``; another execution is at work on the delivery.
    """
    lock = services.store.acquire_lock(message.delivery.delivery_id, message.execution, LOCK_TTL)
    return LockRef(token=lock.token)


def release_lock(message: ReleaseLock, services: Services) -> Released:
    """Give the lock back; harmless where this execution does not hold it."""
    services.store.release_lock(message.delivery.delivery_id, message.execution)
    return Released()
