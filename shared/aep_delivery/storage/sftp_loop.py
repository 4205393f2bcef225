"""Asynchronous work for callers that are not: an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_T = TypeVar("_T")
_GOODBYE = 5.0
"""Seconds that closing waits for the thread."""


class LoopThread:
    """Runs coroutines for callers in other threads. The thread ends with :meth:`close`, or with the process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=_run, args=(self._loop,), name="sftp", daemon=True)
        self._thread.start()
        self.closed = False

    def submit(self, work: Coroutine[Any, Any, _T]) -> Future[_T]:
        """Start it and return its future. Raises ``RuntimeError`` after :meth:`close`."""
        if self.closed:
            work.close()
            raise RuntimeError("This storage was closed; nothing can be asked of it any more.")
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do it and return its result; what the caller is interrupted by stops it."""
        future = self.submit(work)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self, last: Coroutine[Any, Any, None]) -> None:
        """Do `last`, then end the thread. May be called by the garbage collector, so also from the thread itself."""
        future = self.submit(last)
        self.closed = True
        future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self._loop.stop))
        if threading.current_thread() is not self._thread:
            self._thread.join(_GOODBYE)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
