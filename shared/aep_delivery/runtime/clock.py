"""Time as a dependency, so that tests own it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The current time, aware, in UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait for this many seconds."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class FixedClock:
    """A clock that stands still until told; ``sleep`` moves it and is remembered. For tests and dry runs."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now = datetime.fromtimestamp(self._now.timestamp() + seconds, UTC)


def epoch_seconds(moment: datetime) -> int:
    """Whole epoch seconds, the unit of Adobe's ``scheduleParams``."""
    return int(moment.timestamp())


def from_epoch_millis(millis: int) -> datetime:
    """A time from epoch milliseconds, the unit of everything else Flow Service answers."""
    return datetime.fromtimestamp(millis / 1000, UTC)
