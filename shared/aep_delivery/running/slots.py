"""When a dataflow's next run is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aep_delivery.runtime.errors import UserError

GRACE = timedelta(hours=1)
"""How long after a slot its run may still appear: changes take up to an hour to reach Adobe's scheduler."""


def next_slot(schedule: dict[str, Any], now: datetime) -> datetime:
    """The first slot at or after `now`.

    Args:
        schedule: ``scheduleParams``, times in epoch seconds.
        now: By Adobe's clock.

    Raises:
        UserError: ``schedule.no-more-runs``; the schedule has no slot left.
    """
    start = datetime.fromtimestamp(schedule["startTime"], UTC)
    end = datetime.fromtimestamp(schedule["endTime"], UTC)
    step = interval_of(schedule)
    if now <= start:
        slot = start
    elif step is None:
        # A dataflow that runs once: its run may be going, or be waited for, until the grace is over.
        slot = start if now <= start + GRACE else end + GRACE
    else:
        slot = start + step * -(-(now - start) // step)
    if slot > end:
        raise UserError(
            f"The dataflow has no run after {now:%Y-%m-%d %H:%M} UTC: its schedule ends at {end:%Y-%m-%d %H:%M} UTC.",
            code="schedule.no-more-runs",
            place="scheduleParams.endTime",
            hint="Set a later endTime, or ask for a run with run.trigger: NOW.",
        )
    return slot


def interval_of(schedule: dict[str, Any]) -> timedelta | None:
    """The time between two slots; None for a dataflow that runs once."""
    if schedule["interval"] == 0:
        return None
    unit = timedelta(hours=1) if schedule["timeUnit"] == "hour" else timedelta(days=1)
    return int(schedule["interval"]) * unit
