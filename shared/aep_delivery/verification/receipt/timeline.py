"""The steps of a delivery as bars on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from aep_delivery.verification.receipt.models import TimelineStep

_LEAST_WIDTH = 0.8
"""Percent; a step of milliseconds beside a run of hours stays visible."""


class Bar(NamedTuple):
    """One step; lengths in percent of the whole delivery."""

    step: TimelineStep
    x: float
    width: float
    took: timedelta | None
    """None where the step was not left in good order."""


def bars(steps: Sequence[TimelineStep], finished_at: datetime) -> list[Bar]:
    """A bar for each step, in the order given. A step that was never left reaches to `finished_at`."""
    if not steps:
        return []
    begin = min(step.entered_at for step in steps)
    end = max([finished_at, *(step.left_at for step in steps if step.left_at)])
    whole = max((end - begin).total_seconds(), 0.001)
    return [_bar(step, begin, end, whole) for step in steps]


def _bar(step: TimelineStep, begin: datetime, end: datetime, whole: float) -> Bar:
    until = step.left_at or end
    width = max(100 * (until - step.entered_at).total_seconds() / whole, _LEAST_WIDTH)
    x = min(100 * (step.entered_at - begin).total_seconds() / whole, 100 - _LEAST_WIDTH)
    return Bar(
        step=step,
        x=round(x, 2),
        width=round(min(width, 100 - x), 2),
        took=step.left_at - step.entered_at if step.left_at else None,
    )
