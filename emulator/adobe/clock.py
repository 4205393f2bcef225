"""The time Adobe lives in: it can be set, moved forward and made to run faster than the wall's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class EmulatedClock:
    """A clock of its own, thread-safe.

    Args:
        start: its first reading; the wall's time when left out.
        speed: emulated seconds per second of the wall; 0 stands still.
        wall: a monotonic source of seconds, for tests.
    """

    def __init__(
        self, start: datetime | None = None, speed: float = 1.0, wall: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self._base = (start or datetime.now(UTC)).astimezone(UTC)
        self._base_wall = wall()
        self._speed = check_speed(speed)

    def now(self) -> datetime:
        with self._lock:
            return self._reading()

    def millis(self) -> int:
        """The reading as Adobe prints it in entities: epoch milliseconds."""
        return epoch_millis(self.now())

    @property
    def speed(self) -> float:
        with self._lock:
            return self._speed

    def set(self, moment: datetime) -> None:
        """Move to `moment`, which may also lie in the past."""
        with self._lock:
            self._base, self._base_wall = moment.astimezone(UTC), self._wall()

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._base, self._base_wall = self._reading() + timedelta(seconds=seconds), self._wall()

    def set_speed(self, speed: float) -> None:
        """Change the pace from now on; the reading doesn't jump."""
        with self._lock:
            self._base, self._base_wall = self._reading(), self._wall()
            self._speed = check_speed(speed)

    def _reading(self) -> datetime:
        return self._base + timedelta(seconds=(self._wall() - self._base_wall) * self._speed)


def check_speed(speed: float) -> float:
    if not 0 <= speed <= 1e6:
        raise ValueError(f"speed must be between 0 and 1000000, not {speed}")
    return speed


def epoch_millis(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def iso(moment: datetime) -> str:
    """`moment` in UTC as ``2027-01-01T00:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_iso(text: str) -> datetime:
    """Read ISO 8601; without an offset it is UTC. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
