"""Time for many threads: it stands still while any of them works, and jumps when all of them wait."""

from __future__ import annotations

import heapq
import math
import threading
from collections.abc import Callable
from datetime import datetime
from itertools import count

from emulator.adobe.clock import EmulatedClock


class Ticking:
    """A clock, and the threads that live by it.

    Waits end on whole ticks, so that many end at once and what follows them runs side by side.

    Args:
        clock: Adobe's, which is everybody's.
        settle: Let Adobe do what has become due; returns when it is done.
        tick: Seconds.
    """

    def __init__(self, clock: EmulatedClock, settle: Callable[[], None], tick: float = 10.0) -> None:
        self._clock, self._settle, self._tick = clock, settle, tick
        self._begun = clock.now()
        self._turn = threading.Condition()
        self._working = 0
        self._waiting: list[tuple[float, int]] = []
        self._numbers = count()
        self._woken: set[int] = set()
        self.errors: list[BaseException] = []
        self.most = 0

    def now(self) -> datetime:
        return self._clock.now()

    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return (self._clock.now() - self._begun).total_seconds()

    def start(self, act: Callable[[], None]) -> None:
        """Do it in a thread of its own. What it raises is kept."""
        with self._turn:
            self._working += 1
            self.most = max(self.most, self._working + len(self._waiting))
        threading.Thread(target=self._live, args=(act,), daemon=True).start()

    def sleep(self, seconds: float) -> None:
        """Wait; for threads of this clock alone."""
        with self._turn:
            number = next(self._numbers)
            due = math.ceil((self.elapsed() + max(seconds, 0.001)) / self._tick) * self._tick
            heapq.heappush(self._waiting, (due, number))
            self._rest()
            self._turn.wait_for(lambda: number in self._woken)
            self._woken.remove(number)

    def join(self, seconds: float) -> None:
        """Wait until no thread is left. Raises ``TimeoutError``."""
        with self._turn:
            if not self._turn.wait_for(lambda: not self._working and not self._waiting, seconds):
                raise TimeoutError(f"{self._working} threads work, {len(self._waiting)} wait")

    def _live(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001 - told by who joins
            self.errors.append(error)
        with self._turn:
            self._rest()

    def _rest(self) -> None:
        """One thread less works; the last one lets time go on."""
        self._working -= 1
        if self._working == 0 and self._waiting:
            self._settle()
            due = self._waiting[0][0]
            self._clock.advance(max(due - self.elapsed(), 0.0))
            self._settle()
            while self._waiting and self._waiting[0][0] <= due:
                self._woken.add(heapq.heappop(self._waiting)[1])
                self._working += 1
        self._turn.notify_all()
