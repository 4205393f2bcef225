"""Good manners towards Adobe: all functions together ask no more than was agreed, and nothing while Adobe is down.

Manners never stop a delivery for long. What would have to wait for long is ended with a transient error, so that the
workflow waits, which costs nothing; and where the shared budget cannot be asked, the call is made all the same.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum

from aep_delivery.adobe.budget import Budget, BudgetStore
from aep_delivery.adobe.circuit import Circuit, CircuitState
from aep_delivery.adobe.errors import (
    Action,
    AdobeInternalError,
    AdobeProblem,
    AdobeTransientError,
    AdobeUserError,
    OutcomeUnknownError,
)
from aep_delivery.adobe.rate import Rate, throttled
from aep_delivery.runtime.clock import Clock
from aep_delivery.runtime.errors import InternalError, TransientError
from aep_delivery.runtime.log import logger
from aep_delivery.runtime.metrics import count
from aep_delivery.runtime.time_left import seconds_left

LONGEST_WAIT = 20.0
"""Seconds inside of a function. What must wait longer waits in Step Functions."""
CALL_SECONDS = 40.0
"""What one call to Adobe may take, and a little to end the step in order: kept of the function's time."""
BATCH_SECONDS = 2.0
"""How long calls that were granted together are good for: so long may news of an outage take."""
PAUSE_SECONDS = 10.0
"""After "too many requests" without a word for how long."""
LONGEST_PAUSE = 900.0
"""No answer of Adobe's stops all deliveries for longer than this at a time."""
UNASKED_SECONDS = 30.0
"""How long the store is left alone once it could not be asked."""
_ATTEMPTS = 25
"""To write the budget while others do."""


class Happening(StrEnum):
    """What an operator may want to count."""

    THROTTLED = "throttled"
    OPENED = "opened"
    REFUSED = "refused"
    CLOSED = "closed"


_CIRCUIT_OPEN = {Happening.OPENED: 1, Happening.REFUSED: 1, Happening.CLOSED: 0}


def counted(happening: Happening) -> None:
    """Count it for CloudWatch: ``AdobeThrottled``, and ``CircuitOpen``, which is 1 while somebody would ask."""
    if happening is Happening.THROTTLED:
        count(AdobeThrottled=1)
    else:
        count(CircuitOpen=_CIRCUIT_OPEN[happening])


class CircuitOpenError(AdobeTransientError):
    """Adobe was not asked, because it is down. Raised before anything was sent."""


class BudgetExhaustedError(AdobeTransientError):
    """Adobe was not asked, because so many others have to be first. Raised before anything was sent."""


class _UnaskedError(Exception):
    """The store could not be asked; its text is the code that says why. Never leaves this module."""


class Manners:
    """What every call to Adobe goes through. One for each process and organisation; for one thread.

    Args:
        budgets: What is shared with all others.
        organisation: Whose budget it is; asked at the first call, for it is in the credential.
        rate: How much may be asked.
        circuit: When to stop asking.
        clock: Decides, and is waited on.
        told: Hears what an operator may want to count.
    """

    def __init__(
        self,
        budgets: BudgetStore,
        organisation: Callable[[], str],
        rate: Rate,
        circuit: Circuit,
        clock: Clock,
        *,
        told: Callable[[Happening], None] = counted,
    ) -> None:
        self._budgets = budgets
        self._organisation = organisation
        self._rate = rate
        self._circuit = circuit
        self._clock = clock
        self._told = told
        self._granted = 0
        self._granted_until: datetime | None = None
        self._probing = False
        self._ask_again_at: datetime | None = None

    @contextmanager
    def call(self, place: str) -> Iterator[None]:
        """Around one call to Adobe, the token it needs included. What it raises tells how Adobe is.

        Args:
            place: The call, for the error.

        Raises:
            CircuitOpenError: ``adobe.circuit-open``.
            BudgetExhaustedError: ``adobe.budget-exhausted``.
        """
        self._admit(place)
        try:
            yield
        except (AdobeTransientError, OutcomeUnknownError) as error:
            if error.problem.http_status == 429:
                self._note_throttled(error.retry_after_seconds)
            elif _is_outage(error.problem):
                self._note_failed()
            else:
                self._note_answered()
            raise
        except (AdobeUserError, AdobeInternalError):
            # Whatever Adobe refuses, it is there to refuse it.
            self._note_answered()
            raise
        self._note_answered()

    def _admit(self, place: str) -> None:
        self._probing = False
        now = self._clock.now()
        if self._does_without(now):
            return
        if self._granted and self._granted_until is not None and now < self._granted_until:
            self._granted -= 1
            return
        self._granted = 0
        try:
            self._ask(place)
        except _UnaskedError as error:
            self._do_without(error)

    def _ask(self, place: str) -> None:
        patience = min(LONGEST_WAIT, seconds_left() - CALL_SECONDS)
        for attempt in range(_ATTEMPTS):
            now = self._clock.now()
            budget = self._read(now)
            state = self._circuit.state(budget, now)
            if state is CircuitState.OPEN:
                self._told(Happening.REFUSED)
                raise _circuit_open(place, budget, self._circuit.wait_seconds(budget, now))
            if state is CircuitState.PROBE:
                if self._write(self._circuit.probing(budget, now)):
                    self._probing = True
                    return
            else:
                after, grant = self._rate.take(budget, now, max(0.0, patience))
                if not grant.calls:
                    raise _exhausted(place, grant.wait_seconds)
                if self._write(self._circuit.called(after, now, grant.calls)):
                    if not grant.wait_seconds:
                        self._granted = grant.calls - 1
                        self._granted_until = now + timedelta(seconds=BATCH_SECONDS)
                        return
                    self._clock.sleep(grant.wait_seconds)
                    if grant.wait_seconds <= BATCH_SECONDS or self._read(self._clock.now()).epoch == after.epoch:
                        return
                    patience -= grant.wait_seconds
                    continue
            # Somebody was first. They do not come back together.
            self._clock.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - spreads load, guards nothing
        raise _exhausted(place, 1.0)

    def _note_answered(self) -> None:
        if self._probing:
            self._probing = False
            if self._change(self._circuit.recovered):
                logger.warning("Adobe answers again: calls are made as before, slowly at first")
                self._told(Happening.CLOSED)

    def _note_failed(self) -> None:
        if self._probing:
            self._probing = False
            self._change(self._circuit.probe_failed)
            self._told(Happening.REFUSED)
            return
        unused, self._granted = self._granted, 0
        opened = self._change(lambda budget, now: self._circuit.failed(budget, now, unused))
        if opened is not None and opened.opened_at is not None:
            logger.error("Adobe is down: nothing is asked of it until it is well", extra={"since": opened.opened_at})
            self._told(Happening.OPENED)

    def _note_throttled(self, asked_seconds: float | None) -> None:
        self._note_answered()
        self._granted = 0
        pause = min(LONGEST_PAUSE, PAUSE_SECONDS if asked_seconds is None else asked_seconds)
        if self._change(lambda budget, now: throttled(budget, now, pause)):
            logger.warning("Adobe asks for fewer requests", extra={"pause_seconds": pause})
        self._told(Happening.THROTTLED)

    def _change(self, rule: Callable[[Budget, datetime], Budget]) -> Budget | None:
        """Write what the rule makes of the budget; None where it makes nothing of it, or could not be written."""
        if self._does_without(self._clock.now()):
            return None
        try:
            for attempt in range(_ATTEMPTS):
                now = self._clock.now()
                before = self._read(now)
                after = rule(before, now)
                if after == before:
                    return None
                if self._write(after):
                    return after
                self._clock.sleep(random.uniform(0, 0.02 * (attempt + 1)))  # noqa: S311 - as above
        except _UnaskedError as error:
            self._do_without(error)
        return None

    def _read(self, now: datetime) -> Budget:
        try:
            return self._budgets.read(self._organisation()) or Budget.full(self._rate.burst, now)
        except (TransientError, InternalError) as error:
            raise _UnaskedError(error.code) from error

    def _write(self, budget: Budget) -> bool:
        try:
            return self._budgets.write(self._organisation(), budget)
        except (TransientError, InternalError) as error:
            raise _UnaskedError(error.code) from error

    def _does_without(self, now: datetime) -> bool:
        return self._ask_again_at is not None and now < self._ask_again_at

    def _do_without(self, error: _UnaskedError) -> None:
        self._ask_again_at = self._clock.now() + timedelta(seconds=UNASKED_SECONDS)
        logger.warning("calls to Adobe are made uncounted: the budget cannot be asked", extra={"code": str(error)})


def _is_outage(problem: AdobeProblem) -> bool:
    return problem.http_status is None or problem.http_status >= 500


def _circuit_open(place: str, budget: Budget, wait: float) -> CircuitOpenError:
    assert budget.opened_at is not None
    return CircuitOpenError(
        f"Adobe is down since {budget.opened_at:%Y-%m-%d %H:%M:%S} UTC, so it was not asked.",
        code="adobe.circuit-open",
        problem=_NOT_ASKED,
        action=Action.WAIT,
        hint="Nothing: the step is repeated until Adobe is well. Adobe tells of outages on status.adobe.com.",
        place=place,
        retry_after_seconds=wait,
    )


def _exhausted(place: str, wait: float) -> BudgetExhaustedError:
    return BudgetExhaustedError(
        "More is asked of Adobe than the installation may ask, so this call has to wait its turn.",
        code="adobe.budget-exhausted",
        problem=_NOT_ASKED,
        action=Action.WAIT,
        hint="Nothing: the step is repeated. If it comes often, raise AdobeRequestsPerSecond, as far as Adobe allows.",
        place=place,
        retry_after_seconds=wait,
    )


_NOT_ASKED = AdobeProblem(shape="H", http_status=None, code=None, message="not asked")
