"""The steps that change Adobe, one after another in this process: what needs no workflow to repeat them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import partial
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from aep_delivery.events.outbound import NoBus
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import TransientError
from aep_delivery.state.lock import LockHeldError, LockLostError
from aep_delivery.workflow.messages import (
    AcquireLock,
    ActivateAudiences,
    DeliveryName,
    DeliveryRef,
    EnsuredResource,
    EnsureResource,
    LockRef,
    PlanRef,
    ReleaseLock,
)
from aep_delivery.workflow.services import Services
from aep_delivery.workflow.steps.activate_audiences import activate_audiences
from aep_delivery.workflow.steps.ensure_resource import (
    ensure_base_connection,
    ensure_dataflow,
    ensure_source_connection,
    ensure_target_connection,
)
from aep_delivery.workflow.steps.lock import acquire_lock, release_lock

T = TypeVar("T")

STEPS = (ensure_base_connection, ensure_source_connection, ensure_target_connection, ensure_dataflow)
"""In the order of the workflow."""
ATTEMPTS = 7
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 2.0, 60.0, 120.0
"""Seconds between two attempts: of our own accord, and because the other side asked."""


@contextmanager
def locked(execution: str, delivery: DeliveryRef | DeliveryName, services: Services) -> Iterator[LockRef]:
    """A context that holds the delivery's lock, and gives it back on every way out.

    Raises:
        LockHeldError: ``state.delivery-locked``; another execution is at work on the delivery.
    """
    lock = acquire_lock(AcquireLock(execution=execution, delivery=delivery), services)
    try:
        yield lock
    finally:
        release_lock(ReleaseLock(execution=execution, delivery=delivery), services)


def _silent(_: object) -> None:
    pass


def apply_plan(
    execution: str,
    delivery: DeliveryRef,
    plan: PlanRef,
    lock: LockRef,
    services: Services,
    *,
    done: Callable[[EnsuredResource], None] = _silent,
    tell: Callable[[str], None] = _silent,
) -> list[EnsuredResource]:
    """Do what a plan of the work bucket says, and nothing beyond it, through the ``ensure_*`` steps and, for audiences,
    the one that activates them.

    Args:
        execution: Holder of the lock.
        delivery: Whose config lies in the work bucket.
        plan: Made from that config.
        lock: The delivery's.
        services: The collaborators. The clock is slept on between attempts.
        done: Gets each resource once it is as planned.
        tell: Gets a line for people where something takes long.

    Raises:
        UserError: ``plan.stale``, or what the steps raise.
        TransientError: A step did not succeed in its attempts.
    """
    services = copy(services)
    # "Plan Applied" is for what a workflow does; who calls this tells of it in a way of their own.
    services.publisher = NoBus()
    resources: list[EnsuredResource] = []
    for step in STEPS:
        message = EnsureResource(
            execution=execution, delivery=delivery, lock=lock, plan=plan, resources=list(resources)
        )
        resources.append(patiently(partial(step, message, services), services.clock, tell))
        done(resources[-1])
    if plan.audiences:
        activation = ActivateAudiences(
            execution=execution, delivery=delivery, lock=lock, plan=plan, resources=list(resources)
        )
        patiently(partial(activate_audiences, activation, services), services.clock, tell)
    return resources


def patiently(call: Callable[[], T], clock: Clock, tell: Callable[[str], None] = _silent) -> T:
    """Repeat a call that nobody is to blame for, as the workflow does with its steps."""

    def say_why(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        tell(f"{error} Trying again in {state.upcoming_sleep:.0f} s.")

    retrying = Retrying(
        retry=retry_if_exception(_is_worth_another_try),
        stop=stop_after_attempt(ATTEMPTS),
        wait=_wait,
        sleep=clock.sleep,
        before_sleep=say_why,
        reraise=True,
    )
    return retrying(call)


def _is_worth_another_try(error: BaseException) -> bool:
    return isinstance(error, TransientError) and not isinstance(error, (LockHeldError, LockLostError))


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_seconds if isinstance(error, TransientError) else None
    own = min(FIRST_WAIT * 2.0 ** (state.attempt_number - 1), LONGEST_WAIT)
    return min(max(own, asked or 0.0), LONGEST_ASKED)
