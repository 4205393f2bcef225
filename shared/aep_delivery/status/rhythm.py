"""When exports are due: the schedules of datasets and of audiences in one form whose slots are reckoned, not counted.

A page for a thousand deliveries cannot walk through every slot since each schedule began. Sources: Adobe: Export
datasets, schedule; Activate audiences to file-based destinations, schedule.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from pydantic import Field

from aep_delivery.state.instant import Instant
from aep_delivery.state.records import Record
from aep_delivery.verification.receipt.models import Asked, AskedAudience, AskedSchedule

MOST_RHYTHMS = 20
"""Of one delivery. Its audiences usually share one or two."""
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)
_HOURS = {"DAILY": 24, "WEEKLY": 168} | {f"EVERY_{hours}_HOURS": hours for hours in (3, 6, 8, 12)}


class Rhythm(Record):
    """One schedule."""

    start: Instant
    """The first slot."""
    hours: int | None = Field(default=None, gt=0)
    """Between two slots; None for a schedule that is monthly or has one slot only."""
    monthly: bool = False
    all_day: bool = False
    """True where a slot is a day: the export follows the segmentation, whenever that ends."""
    last: Instant | None = None
    """No slot is later than this."""
    ends_at: Instant | None = None
    """When the schedule ends, as people say it: Adobe's end day of an audience is exported no more."""

    @property
    def repeats(self) -> bool:
        return self.monthly or self.hours is not None

    @property
    def length(self) -> timedelta:
        """Of a slot."""
        return _DAY if self.all_day else timedelta()

    def latest(self, before: datetime) -> datetime | None:
        """The latest slot at or before a moment; None where there is none."""
        cap = min(before, self.last) if self.last else before
        if cap < self.start:
            return None
        number = self._passed(cap)
        return self._at(number - 1 if self._at(number) > cap else number)

    def next(self, after: datetime) -> datetime | None:
        """The first slot that has not ended by a moment; None where there is none left."""
        if after <= self.start + self.length:
            slot = self.start
        elif not self.repeats:
            return None
        else:
            number = self._passed(after - self.length)
            slots = (self._at(later) for later in range(max(number - 1, 0), number + 3))
            slot = next(slot for slot in slots if slot + self.length >= after)
        return slot if self.last is None or slot <= self.last else None

    def _passed(self, until: datetime) -> int:
        """The number of the slot that `until` lies in or after; of monthly ones it may be one too many."""
        if self.monthly:
            return (until.year - self.start.year) * 12 + until.month - self.start.month
        return 0 if self.hours is None else (until - self.start) // timedelta(hours=self.hours)

    def _at(self, number: int) -> datetime:
        if not self.monthly:
            return self.start + number * timedelta(hours=self.hours or 0)
        years, month = divmod(self.start.month - 1 + number, 12)
        year, month = self.start.year + years, month + 1
        # On a day that a month does not have, Adobe exports on its last.
        return self.start.replace(year=year, month=month, day=min(self.start.day, calendar.monthrange(year, month)[1]))


def rhythms_of(asked: Asked) -> tuple[Rhythm, ...]:
    """The different schedules of a delivery, as its receipt tells them; none that is not settled."""
    found = [_of_datasets(asked.schedule)] if asked.schedule else [_of_audience(one) for one in asked.audiences]
    return tuple(dict.fromkeys(rhythm for rhythm in found if rhythm is not None))[:MOST_RHYTHMS]


def next_run(rhythms: tuple[Rhythm, ...], now: datetime) -> tuple[datetime, bool] | None:
    """The next slot of any schedule, and whether it is a whole day."""
    slots = ((slot, rhythm.all_day) for rhythm in rhythms if (slot := rhythm.next(now)) is not None)
    return min(slots, default=None)


def endings(rhythms: tuple[Rhythm, ...]) -> Iterator[datetime]:
    """When the schedules that repeat end."""
    return (rhythm.ends_at for rhythm in rhythms if rhythm.repeats and rhythm.ends_at is not None)


def _of_datasets(schedule: AskedSchedule) -> Rhythm | None:
    if schedule.start_time is None:
        return None
    hours = schedule.interval * (24 if schedule.time_unit == "day" else 1) or None
    return Rhythm(start=schedule.start_time, hours=hours, last=schedule.end_time, ends_at=schedule.end_time)


def _of_audience(audience: AskedAudience) -> Rhythm | None:
    all_day = audience.trigger_type == "AFTER_SEGMENT_EVAL"
    if audience.start_date is None or audience.frequency is None or (audience.start_time is None and not all_day):
        return None
    clock = time.fromisoformat(audience.start_time) if audience.start_time else time()
    ends_at = datetime.combine(audience.end_date, time(), UTC) if audience.end_date else None
    return Rhythm(
        start=datetime.combine(audience.start_date, clock, UTC),
        hours=_HOURS.get(audience.frequency),
        monthly=audience.frequency == "MONTHLY",
        all_day=all_day,
        last=ends_at - _INSTANT if ends_at else None,
        ends_at=ends_at,
    )
