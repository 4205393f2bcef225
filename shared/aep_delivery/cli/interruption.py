"""Lets an end that is asked for from outside take the same way as Ctrl-C, so that locks are given back."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

_ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` for SIGTERM and SIGHUP as long as the context lasts. For the main thread alone."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in _ENDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
