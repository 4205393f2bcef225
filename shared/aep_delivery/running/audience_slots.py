"""When the next export of an audience delivery is due, and of which of its audiences.

Each audience has a schedule of its own. Adobe: Activate audiences to file-based destinations, schedule; a monthly
export on a day that a month does not have is on its last, and nothing is exported on the end day any more.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict

from aep_delivery.running.slots import GRACE
from aep_delivery.runtime.errors import UserError

_DAY = timedelta(days=1)
_AFTER_EVALUATION = "AFTER_SEGMENT_EVAL"
_STEPS = {
    "DAILY": _DAY,
    "WEEKLY": 7 * _DAY,
    **{f"EVERY_{hours}_HOURS": timedelta(hours=hours) for hours in (3, 6, 8, 12)},
}


class ScheduledAudience(Protocol):
    """An audience on a dataflow."""

    @property
    def id(self) -> str: ...

    @property
    def schedule(self) -> dict[str, Any]:
        """``frequency``, ``triggerType``, ``startDate``, ``startTime`` and ``endDate``, as Adobe has them."""


class SlotKind(StrEnum):
    """Whether a slot is a moment, or the day in which segmentation ends and the export follows."""

    MOMENT = "MOMENT"
    DAY = "DAY"


class AudienceSlot(BaseModel):
    """One slot of a delivery.

    Attributes:
        at: The moment, or the beginning of the day.
        until: The moment, or the end of the day: deadlines count from here.
        audiences: Ids of the audiences that are due.
        next_slot: When the first of them is due again; None where none is.
        next_of_any: When any audience of the delivery is due at a moment after this slot; None where none is.
    """

    model_config = ConfigDict(frozen=True)

    kind: SlotKind
    at: datetime
    until: datetime
    audiences: list[str]
    next_slot: datetime | None = None
    next_of_any: datetime | None = None


def next_audience_slot(audiences: Sequence[ScheduledAudience], now: datetime) -> AudienceSlot:
    """The slot whose runs are to be waited for.

    Args:
        audiences: All audiences of the delivery.
        now: By Adobe's clock.

    Returns:
        The first moment at or after `now`, or today where an export follows segmentation: its run may have been, be
        going, or be about to. A day comes after the moments in it. The only slot of an audience that is exported once
        counts until an hour after it.

    Raises:
        UserError: ``schedule.no-more-runs``; no audience has a slot left.
    """
    due = {audience.id: slot for audience in audiences if (slot := _next(audience.schedule, now)) is not None}
    if not due:
        raise UserError(
            f"No audience is exported after {now:%Y-%m-%d %H:%M} UTC.",
            code="schedule.no-more-runs",
            place="activation.schedule",
            hint="Set a later endDate, or for ONCE a later startDate, or ask for a run with run.trigger: NOW.",
        )
    at, until = min(due.values(), key=lambda slot: (slot[1], slot[0]))
    chosen = [audience for audience in audiences if due.get(audience.id) == (at, until)]
    if until > at:
        return AudienceSlot(
            kind=SlotKind.DAY, at=at, until=until, audiences=[audience.id for audience in chosen], next_slot=until
        )
    after = at + timedelta(seconds=1)
    again = [slot for audience in chosen if (slot := _next(audience.schedule, after, grace=timedelta())) is not None]
    later = [slot for audience in audiences if (slot := _next(audience.schedule, after, grace=timedelta())) is not None]
    return AudienceSlot(
        kind=SlotKind.MOMENT,
        at=at,
        until=until,
        audiences=[audience.id for audience in chosen],
        next_slot=min((slot[0] for slot in again), default=None),
        next_of_any=min((slot[0] for slot in later if slot[0] == slot[1]), default=None),
    )


def _next(schedule: dict[str, Any], now: datetime, grace: timedelta = GRACE) -> tuple[datetime, datetime] | None:
    """An audience's next slot from its beginning to its end; None where there is none left."""
    once = schedule["frequency"] == "ONCE"
    last_day = date.fromisoformat(schedule["endDate"]) if schedule.get("endDate") else None
    length = length_of(schedule)
    patience = length + grace if once and not length else length
    for at in slots_of(schedule):
        if last_day is not None and at.date() >= last_day:
            return None
        # A day is over with its last second, a moment has not passed while it is.
        if at + patience > now or (not length and at + patience == now):
            return at, at + length
    return None


def length_of(schedule: dict[str, Any]) -> timedelta:
    """How long each slot of an audience's schedule is: nothing for a moment."""
    return _DAY if schedule.get("triggerType") == _AFTER_EVALUATION else timedelta()


def slots_of(schedule: dict[str, Any]) -> Iterator[datetime]:
    """All slots of a schedule in order, without end but for ONCE."""
    clock = time.fromisoformat(schedule["startTime"]) if schedule.get("startTime") else time()
    start = datetime.combine(date.fromisoformat(schedule["startDate"]), clock, UTC)
    match str(schedule["frequency"]):
        case "ONCE":
            yield start
        case "MONTHLY":
            yield from (_months_later(start, number) for number in count())
        case frequency:
            step = _STEPS[frequency]
            yield from (start + number * step for number in count())


def _months_later(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))
