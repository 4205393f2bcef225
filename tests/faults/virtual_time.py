"""Many workers in one made-up time: each is a thread, one of them runs at a time, and sleeping is all that takes time.

So the very code that would wait for minutes in fifty functions runs in seconds, in the same order every time.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2027, 1, 1, tzinfo=UTC)


class VirtualTime:
    """A ``Clock`` for workers that run side by side."""

    def __init__(self) -> None:
        self._now = START
        self._order = 0
        self._asleep: list[tuple[datetime, int, threading.Event]] = []
        self._finished = threading.Event()
        self._failures: list[BaseException] = []

    def now(self) -> datetime:
        return self._now

    @property
    def seconds(self) -> float:
        """Since the start."""
        return (self._now - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        turn = threading.Event()
        self._queue(turn, seconds)
        self._wake_next()
        turn.wait()

    def run(self, workers: list[Callable[[], None]]) -> None:
        """Run all of them to their end; what one of them raises is raised here."""
        threads = []
        for worker in workers:
            turn = threading.Event()
            self._queue(turn, 0)
            threads.append(threading.Thread(target=self._work, args=(worker, turn), daemon=True))
            threads[-1].start()
        self._wake_next()
        self._finished.wait()
        if self._failures:
            raise self._failures[0]
        for thread in threads:
            thread.join()

    def _work(self, worker: Callable[[], None], turn: threading.Event) -> None:
        turn.wait()
        try:
            worker()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread of the test
            self._failures.append(error)
            self._finished.set()
        else:
            self._wake_next()

    def _queue(self, turn: threading.Event, seconds: float) -> None:
        self._order += 1
        heapq.heappush(self._asleep, (self._now + timedelta(seconds=max(0.0, seconds)), self._order, turn))

    def _wake_next(self) -> None:
        if not self._asleep:
            self._finished.set()
            return
        self._now, _, turn = heapq.heappop(self._asleep)
        turn.set()
