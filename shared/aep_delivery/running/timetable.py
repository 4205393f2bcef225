"""Slots before and after a moment: what has been due, where :mod:`slots` and :mod:`audience_slots` say what comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any, Protocol

from aep_delivery.running.audience_slots import ScheduledAudience, length_of, slots_of
from aep_delivery.running.slots import interval_of

DATASETS = "*"
"""Stands for all datasets of a delivery: they have one schedule."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment, or a day in which segmentation ends and the export follows."""

    at: datetime
    until: datetime
    """The moment, or the end of the day."""


class Timetable(Protocol):
    """The slots of one schedule."""

    key: str
    """The audience's id; ``*`` for datasets."""
    name: str

    @property
    def ends_at(self) -> datetime | None:
        """When the schedule ends; None where it does not say, or runs once."""

    def after(self, moment: datetime) -> Slot | None:
        """The first slot later than a moment; None where none is left."""

    def last(self, moment: datetime) -> Slot | None:
        """The last slot not later than a moment; None where none was yet."""


class DatasetTimetable:
    """``scheduleParams``, with times in epoch seconds."""

    key = DATASETS
    name = "datasets"

    def __init__(self, schedule: dict[str, Any]) -> None:
        self._start = datetime.fromtimestamp(schedule["startTime"], UTC)
        self._end = datetime.fromtimestamp(schedule["endTime"], UTC) if "endTime" in schedule else None
        self._step = interval_of(schedule)

    @property
    def ends_at(self) -> datetime | None:
        return self._end if self._step else None

    def after(self, moment: datetime) -> Slot | None:
        if moment < self._start:
            return Slot(self._start, self._start)
        if self._step is None:
            return None
        at = self._start + ((moment - self._start) // self._step + 1) * self._step
        return Slot(at, at) if self._end is None or at <= self._end else None

    def last(self, moment: datetime) -> Slot | None:
        if moment < self._start:
            return None
        past = min(moment, self._end) if self._end else moment
        at = self._start + (past - self._start) // self._step * self._step if self._step else self._start
        return Slot(at, at)


class AudienceTimetable:
    """The schedule of one audience on a dataflow."""

    def __init__(self, audience: ScheduledAudience, name: str) -> None:
        self.key = audience.id
        self.name = name
        self._schedule = audience.schedule
        self._length = length_of(audience.schedule)
        last_day = audience.schedule.get("endDate")
        # Adobe: nothing is exported on the end day any more.
        self._end = datetime.combine(date.fromisoformat(last_day), datetime.min.time(), UTC) if last_day else None

    @property
    def ends_at(self) -> datetime | None:
        return None if self._schedule["frequency"] == "ONCE" else self._end

    def after(self, moment: datetime) -> Slot | None:
        at = next((at for at in slots_of(self._schedule) if at > moment), None)
        return None if at is None or (self._end and at >= self._end) else self._slot(at)

    def last(self, moment: datetime) -> Slot | None:
        past = takewhile(lambda at: at <= moment and not (self._end and at >= self._end), slots_of(self._schedule))
        at = max(past, default=None)
        return None if at is None else self._slot(at)

    def _slot(self, at: datetime) -> Slot:
        return Slot(at, at + self._length)


@dataclass(frozen=True, slots=True)
class Due:
    """A slot that has not been served."""

    timetable: Timetable
    slot: Slot
    at: datetime
    """By when its run must have ended well, tolerance included."""


def next_due(
    timetables: Sequence[Timetable], served: dict[str, datetime], since: datetime, tolerance: timedelta
) -> list[Due]:
    """The first slot of each timetable that no run has served yet, those that are due earlier first.

    Args:
        timetables: Of the delivery.
        served: When the newest run that ended well was created, by the timetable's key.
        since: No slot before is expected.
        tolerance: How long after its slot a run may take.
    """
    found = [
        Due(timetable, slot, slot.until + tolerance)
        for timetable in timetables
        if (slot := timetable.after(max(since, served.get(timetable.key, since)))) is not None
    ]
    return sorted(found, key=lambda due: due.at)
