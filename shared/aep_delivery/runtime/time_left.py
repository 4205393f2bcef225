"""How long the function that is at work may still take: who waits inside of it must not wait longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_milliseconds: Callable[[], int] | None = None


@contextmanager
def counting_down(milliseconds_left: Callable[[], int]) -> Iterator[None]:
    """A context in which an invocation's time runs.

    Args:
        milliseconds_left: ``get_remaining_time_in_millis`` of the invocation's context.
    """
    global _milliseconds  # noqa: PLW0603 - a process has one invocation at a time, as Lambda promises
    _milliseconds = milliseconds_left
    try:
        yield
    finally:
        _milliseconds = None


def seconds_left() -> float:
    """Seconds until the platform ends this invocation; infinite where there is none, on somebody's own machine."""
    return float("inf") if _milliseconds is None else _milliseconds() / 1000
