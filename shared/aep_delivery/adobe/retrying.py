"""Repeating a call for a short while. Longer waiting is Step Functions' part: its Wait costs nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from aep_delivery.adobe.errors import Action, AdobeTransientError
from aep_delivery.runtime.clock import Clock

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

LONGEST_RETRY_AFTER = 86_400.0
"""Seconds; who asks for more means another unit, or nothing."""
_REPEATABLE = frozenset({Action.REPEAT, Action.REPEAT_IF_SAFE})


class Retries:
    """Repeats a call that failed with a passing error, a few times and within a budget of waiting.

    Args:
        clock: What is waited on.
        tries: Calls in all.
        budget_seconds: The most that is waited in all. An error that asks for more is raised at once, with its
            ``retry_after_seconds``, for the workflow to wait.
    """

    def __init__(self, clock: Clock, *, tries: int = 3, budget_seconds: float = 20.0) -> None:
        self._clock = clock
        self._tries = stop_after_attempt(tries)
        self._budget = budget_seconds

    def call(self, attempt: Callable[[], T]) -> T:
        """Call until it succeeds.

        Args:
            attempt: One call. It raises :class:`AdobeTransientError` whose action is to repeat, or what is final.

        Returns:
            What the call returned.

        Raises:
            AdobeTransientError: The last one, when tries or budget are used up.
        """
        retrying = Retrying(
            stop=self._stop,
            wait=self._wait,
            retry=retry_if_exception(
                lambda error: isinstance(error, AdobeTransientError) and error.action in _REPEATABLE
            ),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(attempt)

    def backoff(self, attempt_number: int) -> float:
        """Seconds before the try after this one: anything up to 1, 2, 4, at most 8."""
        return self.jitter(min(8.0, 2.0 ** (attempt_number - 1)))

    def jitter(self, seconds: float) -> float:
        """A random share of a wait, so that clients that failed together do not come back together."""
        return random.uniform(0, seconds)  # noqa: S311 - spreads load, guards nothing

    def _wait(self, state: RetryCallState) -> float:
        asked = self._asked_for(state)
        return self.backoff(state.attempt_number) if asked is None else asked

    def _stop(self, state: RetryCallState) -> bool:
        return self._tries(state) or state.idle_for + state.upcoming_sleep > self._budget

    @staticmethod
    def _asked_for(state: RetryCallState) -> float | None:
        error = state.outcome.exception() if state.outcome else None
        return error.retry_after_seconds if isinstance(error, AdobeTransientError) else None


def retry_after_seconds(headers: httpx.Headers, *, now: datetime) -> float | None:
    """What an answer's ``Retry-After`` asks for, in either of its forms (RFC 9110, section 10.2.3).

    Args:
        headers: The answer's headers.
        now: Our time, for a date where the answer has no ``Date`` of its own to count from.

    Returns:
        Seconds, a day at most, zero for a moment that has passed; None where the header is absent or unreadable.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return min(float(text), LONGEST_RETRY_AFTER)
    moment = http_date(text)
    if moment is None:
        return None
    return min(max(0.0, (moment - (answer_date(headers) or now)).total_seconds()), LONGEST_RETRY_AFTER)


def answer_date(headers: httpx.Headers) -> datetime | None:
    """The other side's clock when it answered, from the ``Date`` header; None where there is none."""
    return http_date(headers.get("Date", ""))


def http_date(text: str) -> datetime | None:
    """A date in one of HTTP's forms, aware; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        # The offset may be any number, and may lead out of the calendar.
        return None
