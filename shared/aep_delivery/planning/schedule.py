"""``scheduleParams`` as they are sent: times in epoch seconds, and checked against Adobe's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aep_delivery.config.schedule import ScheduleParams
from aep_delivery.runtime.clock import epoch_seconds
from aep_delivery.runtime.errors import UserError

LEAD_TIME = timedelta(hours=1)
"""Adobe picks a new schedule up at most an hour later: an earlier start may be missed in silence."""
DEFAULT_LIFETIME = timedelta(days=180)
"""Adobe ends a dataflow without ``endTime`` six months after its creation; a new one is sent with an end like that,
instead of leaving it unsaid."""


def resolve_schedule(
    declared: ScheduleParams, live: dict[str, Any] | None, now: datetime, *, place: str
) -> dict[str, Any]:
    """The schedule to send.

    What the config leaves open stays as it is in Adobe, an end that is not set too; for a new dataflow, the start is
    the next full hour that is at least an hour away and the end is 180 days later.

    Args:
        declared: What the config says.
        live: ``scheduleParams`` of the dataflow as it is; None where it is yet to be created.
        now: By Adobe's clock.
        place: Of the schedule in the config.

    Raises:
        UserError: ``schedule.in-the-past`` or ``schedule.too-soon`` for a start that would be set anew,
            ``schedule.ended`` for an end that has passed, ``schedule.ends-before-start`` for one that the start passes.
    """
    there = live or {}
    start = epoch_seconds(declared.start_time) if declared.start_time else there.get("startTime")
    if start is None:
        start = epoch_seconds(next_full_hour(now + LEAD_TIME))
    elif start != there.get("startTime"):
        _check_start(datetime.fromtimestamp(start, UTC), now, place)
    end = epoch_seconds(declared.end_time) if declared.end_time else there.get("endTime")
    if end is None and live is None:
        end = start + int(DEFAULT_LIFETIME.total_seconds())
    if end is not None:
        _check_end(end, start, now, place)
    schedule: dict[str, Any] = {
        "exportMode": str(declared.export_mode),
        "interval": declared.interval,
        "timeUnit": str(declared.time_unit),
        "startTime": start,
    }
    if end is not None:
        schedule["endTime"] = end
    if declared.foldername_template is not None:
        schedule["foldernameTemplate"] = declared.foldername_template
    return schedule


def next_full_hour(moment: datetime) -> datetime:
    """The first full hour at or after a moment."""
    full = moment.replace(minute=0, second=0, microsecond=0)
    return full if full == moment else full + timedelta(hours=1)


def _check_start(start: datetime, now: datetime, place: str) -> None:
    if start <= now:
        raise UserError(
            f"startTime {start:%Y-%m-%d %H:%M} UTC lies in the past.",
            code="schedule.in-the-past",
            place=f"{place}.startTime",
            hint=f"Adobe's clock says {now:%Y-%m-%d %H:%M} UTC. Leave startTime out to begin at the next full hour.",
        )
    if start < now + LEAD_TIME:
        raise UserError(
            f"startTime {start:%Y-%m-%d %H:%M} UTC is less than an hour away.",
            code="schedule.too-soon",
            place=f"{place}.startTime",
            hint="Adobe may miss it: changes take up to an hour to take effect. Choose a later start.",
        )


def _check_end(end: int, start: int, now: datetime, place: str) -> None:
    if end <= epoch_seconds(now):
        raise UserError(
            f"The schedule ended at {datetime.fromtimestamp(end, UTC):%Y-%m-%d %H:%M} UTC.",
            code="schedule.ended",
            place=f"{place}.endTime",
            hint="Set a later endTime.",
        )
    if end <= start:
        raise UserError(
            f"The schedule would end at {datetime.fromtimestamp(end, UTC):%Y-%m-%d %H:%M} UTC, before it starts at "
            f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC.",
            code="schedule.ends-before-start",
            place=f"{place}.endTime",
            hint="Set an endTime after the start. What the config leaves out stays as it is in Adobe; for a new "
            "dataflow the start is the next full hour that is an hour away or more.",
        )
