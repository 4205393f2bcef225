"""The schedule of one audience in a dataflow: which are valid, and which moments they name.

Adobe: "Activate audiences to batch profile export destinations", scheduling, and the tutorials' table of parameters.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from emulator.adobe import problems
from emulator.adobe.http import Json

FULL = "DAILY_FULL_EXPORT"
INCREMENTAL = "FIRST_FULL_THEN_INCREMENTAL"
AFTER_EVALUATION = "AFTER_SEGMENT_EVAL"
SCHEDULED = "SCHEDULED"
RARE = frozenset({"WEEKLY", "MONTHLY"})
_HOURS = {f"EVERY_{hours}_HOURS": hours for hours in (3, 6, 8, 12)}
_FREQUENCIES = {FULL: {"ONCE", "DAILY", *RARE}, INCREMENTAL: {"DAILY", *_HOURS}}
_FIELDS = frozenset({"frequency", "triggerType", "startDate", "endDate", "startTime"})
_ON_THE_HOUR = re.compile(r"([01]\d|2[0-3]):00")


def check(mode: object, schedule: object, *, rare: bool) -> None:
    """Raise :class:`Problem` unless export mode and schedule go together.

    Args:
        mode: the selector's ``exportMode``.
        schedule: the selector's ``schedule``.
        rare: whether the destination takes WEEKLY and MONTHLY.
    """
    if mode not in _FREQUENCIES:
        raise problems.plain(f"exportMode must be one of {', '.join(_FREQUENCIES)}")
    if not isinstance(schedule, dict):
        raise problems.plain("schedule must be an object")
    if unknown := sorted(set(schedule) - _FIELDS):
        raise problems.plain(f"schedule has unknown properties: {', '.join(unknown)}")
    frequency, trigger = schedule.get("frequency"), schedule.get("triggerType")
    if frequency not in _FREQUENCIES[str(mode)] or (frequency in RARE and not rare):
        raise problems.plain(f"schedule.frequency {frequency} is not possible with {mode} at this destination")
    _check_trigger(str(mode), str(frequency), trigger)
    after_evaluation = trigger == AFTER_EVALUATION
    if after_evaluation == ("startTime" in schedule):
        raise problems.plain(f"schedule.startTime is {'not allowed' if after_evaluation else 'required'}")
    if (frequency == "ONCE") == ("endDate" in schedule):
        raise problems.plain(f"schedule.endDate is {'not allowed' if frequency == 'ONCE' else 'required'}")
    start = _day(schedule, "startDate")
    if "endDate" in schedule and _day(schedule, "endDate") < start:
        raise problems.plain("schedule.endDate must not be before startDate")
    if "startTime" in schedule and not _is_hour(schedule["startTime"]):
        raise problems.plain("schedule.startTime must be an hour of the day, HH:00, in UTC")


def slots(schedule: Json, after: datetime, until: datetime, evaluations: Sequence[datetime]) -> Iterator[datetime]:
    """The moments in (`after`, `until`] at which the audience is exported, in order. The end day is not exported.

    Args:
        schedule: a checked schedule.
        after: where the last look ended.
        until: the present.
        evaluations: when the daily segmentation jobs ended that the audience may follow, in order.
    """
    first = datetime.combine(date.fromisoformat(schedule["startDate"]), time(), UTC)
    end = _end(schedule)
    if schedule.get("triggerType") == AFTER_EVALUATION:
        moments = _after_evaluations(schedule["frequency"], first, evaluations)
    else:
        moments = _scheduled(schedule["frequency"], first + timedelta(hours=int(schedule["startTime"][:2])))
    for moment in moments:
        if moment > until or (end is not None and moment >= end):
            return
        if moment > after:
            yield moment


def covers(schedule: Json, moment: datetime) -> bool:
    """Whether the day of `moment` lies in the schedule, from its first day to the one before its last."""
    end = _end(schedule)
    return date.fromisoformat(schedule["startDate"]) <= moment.date() and (end is None or moment < end)


def _scheduled(frequency: str, start: datetime) -> Iterator[datetime]:
    match frequency:
        case "ONCE":
            yield start
        case "MONTHLY":
            yield from (_months_after(start, number) for number in count())
        case _:
            step = timedelta(hours=_HOURS.get(frequency, 24 if frequency == "DAILY" else 7 * 24))
            yield from (start + number * step for number in count())


def _after_evaluations(frequency: str, first: datetime, evaluations: Sequence[datetime]) -> Iterator[datetime]:
    """The first evaluation of each day, or of ONCE the first at all."""
    exported: date | None = None
    for evaluation in evaluations:
        if evaluation >= first and evaluation.date() != exported:
            exported = evaluation.date()
            yield evaluation
            if frequency == "ONCE":
                return


def _months_after(start: datetime, months: int) -> datetime:
    """The same day some months later, or the last of a month that doesn't have it."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def _end(schedule: Json) -> datetime | None:
    if "endDate" not in schedule:
        return None
    return datetime.combine(date.fromisoformat(schedule["endDate"]), time(), UTC)


def _check_trigger(mode: str, frequency: str, trigger: object) -> None:
    if trigger is None:
        # The tutorials' own sample of ONCE has no trigger, though their text calls it required.
        allowed = mode == INCREMENTAL or frequency == "ONCE"
    elif trigger == AFTER_EVALUATION:
        allowed = mode == FULL and frequency not in RARE
    else:
        allowed = trigger == SCHEDULED
    if not allowed:
        raise problems.plain(f"schedule.triggerType {trigger} is not possible with {mode}, {frequency}")


def _day(schedule: Json, name: str) -> date:
    value = schedule.get(name)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise problems.plain(f"schedule.{name} is required and must be a date, YYYY-MM-DD")


def _is_hour(value: object) -> bool:
    return isinstance(value, str) and _ON_THE_HOUR.fullmatch(value) is not None
