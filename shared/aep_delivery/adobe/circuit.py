"""Whether Adobe is well enough to be asked, as rules without a store: a circuit breaker.

Closed, all may ask. Open, nobody does. Then one call tries, and the circuit closes if Adobe answers it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from aep_delivery.adobe.budget import Budget
from aep_delivery.adobe.rate import interrupted

WINDOW_SECONDS = 30.0
"""How long calls and failures are counted together."""
PROBE_SECONDS = 60.0
"""How long one call may try. Longer than the 35 seconds that a call to Adobe may take: who died is not waited for."""


class CircuitState(StrEnum):
    """What a caller may do."""

    CLOSED = "closed"
    OPEN = "open"
    PROBE = "probe"
    """It may be the one that tries."""


@dataclass(frozen=True)
class Circuit:
    """When the circuit opens and how long it stays so.

    Attributes:
        failures: The circuit opens at so many failures within the window, if they are half of the calls at least: a
            busy installation must not stop for one entity that Adobe cannot serve.
        open_seconds: From opening, or from a call that tried in vain, until the next may try.
    """

    failures: int
    open_seconds: float

    def state(self, budget: Budget, now: datetime) -> CircuitState:
        """What may be done now."""
        if budget.opened_at is None:
            return CircuitState.CLOSED
        return CircuitState.PROBE if self.wait_seconds(budget, now) == 0 else CircuitState.OPEN

    def wait_seconds(self, budget: Budget, now: datetime) -> float:
        """Until the next call may try; 0 where it may."""
        return max(0.0, (budget.probe_at - now).total_seconds()) if budget.probe_at else 0.0

    def probing(self, budget: Budget, now: datetime) -> Budget:
        """The budget while one call tries: others wait for it, but not for ever."""
        return budget.model_copy(update={"probe_at": now + timedelta(seconds=PROBE_SECONDS)})

    def called(self, budget: Budget, now: datetime, calls: int) -> Budget:
        """The budget with calls more in the window."""
        window = _window(budget, now)
        return window.model_copy(update={"window_calls": window.window_calls + calls})

    def failed(self, budget: Budget, now: datetime, unused: int = 0) -> Budget:
        """The budget after a call that Adobe failed: open, if that was one too many. As it is where it was open.

        Args:
            budget: As it was read.
            now: The caller's time.
            unused: Calls that were granted to the caller, and counted, and are not made.
        """
        if budget.opened_at is not None:
            return budget
        window = _window(budget, now)
        window = window.model_copy(
            update={
                "window_calls": max(0, window.window_calls - unused),
                "window_failures": window.window_failures + 1,
            }
        )
        if window.window_failures < self.failures or window.window_failures * 2 < window.window_calls:
            return window
        return self._opened(window, now, since=now)

    def probe_failed(self, budget: Budget, now: datetime) -> Budget:
        """The budget after a call that tried in vain. As it is where it was closed meanwhile."""
        return budget if budget.opened_at is None else self._opened(budget, now, since=budget.opened_at)

    def recovered(self, budget: Budget, now: datetime) -> Budget:
        """The budget after a call that tried and was answered: closed, and slowly filled."""
        if budget.opened_at is None:
            return budget
        return interrupted(budget, now).model_copy(
            update={
                "opened_at": None,
                "probe_at": None,
                "window_from": now,
                "window_calls": 0,
                "window_failures": 0,
            }
        )

    def _opened(self, budget: Budget, now: datetime, *, since: datetime) -> Budget:
        return interrupted(budget, now).model_copy(
            update={"opened_at": since, "probe_at": now + timedelta(seconds=self.open_seconds)}
        )


def _window(budget: Budget, now: datetime) -> Budget:
    if (now - budget.window_from).total_seconds() < WINDOW_SECONDS:
        return budget
    return budget.model_copy(update={"window_from": now, "window_calls": 0, "window_failures": 0})
