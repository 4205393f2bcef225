"""When a dataflow's next run is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aep_delivery.runtime.errors import UserError

GRACE = timedelta(hours=1)
"""How long after its only slot a dataflow's run may still appear: changes take up to an hour to reach Adobe's
scheduler."""


def next_slot(schedule: dict[str, Any], now: datetime) -> datetime:
    """The slot whose run is to be waited for.

    Args:
        schedule: ``scheduleParams``, times in epoch seconds. Without ``endTime`` no slot counts as the last: Adobe
            reckons the end from the dataflow's creation, and a run that does not come is noticed at its deadline.
        now: By Adobe's clock.

    Returns:
        The first slot at or after `now`. The only slot of a dataflow that runs once counts until an hour after it: its
        run may be going, or be about to.

    Raises:
        UserError: ``schedule.no-more-runs``; the schedule has no slot left.
    """
    start = datetime.fromtimestamp(schedule["startTime"], UTC)
    end = datetime.fromtimestamp(schedule["endTime"], UTC) if "endTime" in schedule else None
    step = interval_of(schedule)
    slot: datetime | None = start
    if step is None:
        slot = start if now <= start + GRACE else None
    elif now > start:
        slot = start + step * -(-(now - start) // step)
    if slot is not None and (end is None or slot <= end):
        return slot
    if step is None or end is None:
        said, field = f"it runs once, at {start:%Y-%m-%d %H:%M} UTC", "startTime"
    else:
        said, field = f"its schedule ends at {end:%Y-%m-%d %H:%M} UTC", "endTime"
    raise UserError(
        f"The dataflow has no run after {now:%Y-%m-%d %H:%M} UTC: {said}.",
        code="schedule.no-more-runs",
        place=f"scheduleParams.{field}",
        hint=f"Set a later {field}, or ask for a run with run.trigger: NOW.",
    )


def interval_of(schedule: dict[str, Any]) -> timedelta | None:
    """The time between two slots; None for a dataflow that runs once."""
    if schedule["interval"] == 0:
        return None
    unit = timedelta(hours=1) if schedule["timeUnit"] == "hour" else timedelta(days=1)
    return int(schedule["interval"]) * unit
