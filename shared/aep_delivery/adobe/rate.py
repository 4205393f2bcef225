"""The bucket that calls to Adobe are taken from, as rules without a store.

A token bucket whose tokens may be granted ahead: who comes to an empty one is told when its turn is, so that nobody
asks again and again and all are served in order. After trouble it fills slowly at first, and faster as time goes by.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from aep_delivery.adobe.budget import Budget

LEAST_SHARE = 0.1
"""Of the rate, at the start of a ramp."""


@dataclass(frozen=True)
class Grant:
    """Leave to make calls."""

    calls: int
    wait_seconds: float
    """Until they may be made. What is granted for now may be several; what is granted ahead is one."""


@dataclass(frozen=True)
class Rate:
    """How much may be asked of Adobe.

    Attributes:
        per_second: Calls that may be made in a second, in the long run.
        burst: Calls that may be made at once after a rest.
        ramp_seconds: How long after a pause it takes until `per_second` and `burst` hold again.
        batch: The most calls that are granted at a time.
    """

    per_second: float
    burst: int
    ramp_seconds: float
    batch: int = 5

    def take(self, budget: Budget, now: datetime, patience: float) -> tuple[Budget, Grant]:
        """Take calls out of the bucket: several where it is full enough to save a write, else one.

        Args:
            budget: As it was read.
            now: The caller's time.
            patience: Seconds that the caller would wait.

        Returns:
            The budget to be written and what was granted. No calls where the wait would be longer than `patience`;
            there is nothing to be written then.
        """
        filled = self._filled(budget, now)
        opens_in = max(0.0, (filled.counted_at - now).total_seconds())
        calls, wait = 1, 0.0
        if filled.millitokens < 1000:
            missing = (1000 - filled.millitokens) / 1000
            wait = opens_in + self._seconds_for(missing, filled, max(now, filled.counted_at))
        else:
            calls = min(self.batch, max(1, filled.millitokens // 4000))
        if wait > patience:
            return budget, Grant(calls=0, wait_seconds=wait)
        return (
            filled.model_copy(update={"millitokens": filled.millitokens - calls * 1000}),
            Grant(calls=calls, wait_seconds=wait),
        )

    def _filled(self, budget: Budget, now: datetime) -> Budget:
        if now <= budget.counted_at:
            return budget
        since, until = _elapsed(budget, budget.counted_at), _elapsed(budget, now)
        gained = self._flow(until) - self._flow(since) if until < math.inf else _seconds(budget, now) * self.per_second
        # Less than one call would be room for none.
        room = max(1000.0, self.burst * 1000 * self._share(until))
        tokens = max(budget.millitokens, min(budget.millitokens + gained * 1000, room))
        return budget.model_copy(update={"millitokens": math.floor(tokens), "counted_at": now})

    def _share(self, elapsed: float) -> float:
        """Of the rate that holds, so long after the start of the ramp."""
        if elapsed >= self.ramp_seconds:
            return 1.0
        return LEAST_SHARE + (1 - LEAST_SHARE) * elapsed / self.ramp_seconds

    def _flow(self, elapsed: float) -> float:
        """Calls that the bucket gains from the start of the ramp on: the integral of rate times share."""
        ramping = min(elapsed, self.ramp_seconds)
        mean_share = (LEAST_SHARE + self._share(ramping)) / 2
        return self.per_second * (mean_share * ramping + elapsed - ramping)

    def _seconds_for(self, calls: float, budget: Budget, start: datetime) -> float:
        """How long the bucket takes to gain so much: the inverse of the flow."""
        elapsed = _elapsed(budget, start)
        if elapsed >= self.ramp_seconds:
            return calls / self.per_second
        target = self._flow(elapsed) + calls
        beyond = target - self._flow(self.ramp_seconds)
        if beyond >= 0:
            return self.ramp_seconds - elapsed + beyond / self.per_second
        # The flow within the ramp is per_second * (LEAST_SHARE * s + slope * s² / 2).
        slope = (1 - LEAST_SHARE) / self.ramp_seconds
        root = math.sqrt(LEAST_SHARE**2 + 2 * slope * target / self.per_second)
        return (root - LEAST_SHARE) / slope - elapsed


def interrupted(budget: Budget, until: datetime) -> Budget:
    """The budget after trouble: empty until then, slowly filled from then on, and all that was granted is void."""
    return budget.model_copy(
        update={"epoch": budget.epoch + 1, "millitokens": 0, "counted_at": until, "ramp_from": until}
    )


def throttled(budget: Budget, now: datetime, pause_seconds: float) -> Budget:
    """The budget after Adobe has asked for a pause; as it is where it already waits as long."""
    until = now + timedelta(seconds=pause_seconds)
    return interrupted(budget, until) if until > budget.counted_at else budget


def _elapsed(budget: Budget, moment: datetime) -> float:
    """Seconds since the start of the ramp; infinite where there was none."""
    return math.inf if budget.ramp_from is None else max(0.0, (moment - budget.ramp_from).total_seconds())


def _seconds(budget: Budget, now: datetime) -> float:
    return (now - budget.counted_at).total_seconds()
