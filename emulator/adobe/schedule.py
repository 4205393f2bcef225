"""The ``scheduleParams`` of dataset dataflows: which are valid, and which moments they name.

Adobe: "Export datasets by using the Flow Service API", scheduling parameters.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from emulator.adobe import layout, problems
from emulator.adobe.http import Json

FULL = "DAILY_FULL_EXPORT"
INCREMENTAL = "FIRST_FULL_THEN_INCREMENTAL"
_ALLOWED = frozenset(
    {(FULL, 0, "day"), (INCREMENTAL, 1, "day"), *((INCREMENTAL, hours, "hour") for hours in (3, 6, 9, 12))}
)
_FIELDS = frozenset({"exportMode", "interval", "timeUnit", "startTime", "endTime", "foldernameTemplate"})
_LATEST_SECOND = 10**10
"""Anything from here on is a time in milliseconds."""


def check(params: object) -> None:
    """Raise :class:`Problem` unless `params` is a schedule that Adobe documents."""
    if not isinstance(params, dict):
        raise problems.plain("scheduleParams is required for dataset flows and must be an object")
    if unknown := sorted(set(params) - _FIELDS):
        raise problems.plain(f"scheduleParams has unknown properties: {', '.join(unknown)}")
    interval, unit = params.get("interval"), params.get("timeUnit")
    mode = params.get("exportMode", INCREMENTAL)
    if isinstance(interval, bool) or not isinstance(interval, int) or (mode, interval, unit) not in _ALLOWED:
        raise problems.plain(
            f"scheduleParams: exportMode {mode}, interval {interval} and timeUnit {unit} do not go together"
        )
    start = _seconds(params, "startTime")
    if start is None:
        raise problems.plain("scheduleParams.startTime is required")
    end = _seconds(params, "endTime")
    if end is not None and end <= start:
        raise problems.plain("scheduleParams.endTime must be after startTime")
    template = params.get("foldernameTemplate")
    if template is not None:
        if not isinstance(template, str) or not template:
            raise problems.plain("scheduleParams.foldernameTemplate must be a non-empty string")
        if unknown := layout.unknown_macros(template):
            raise problems.plain(f"scheduleParams.foldernameTemplate has unknown macros: {', '.join(unknown)}")


def is_full(params: Json) -> bool:
    """Whether each run carries everything; without an export mode runs are incremental."""
    return bool(params.get("exportMode", INCREMENTAL) == FULL)


def slots(params: Json, created: datetime, after: datetime, until: datetime) -> Iterator[datetime]:
    """The scheduled moments in (`after`, `until`], in order.

    Args:
        params: a checked schedule.
        created: when the flow was created; without an ``endTime`` it stops six months later.
        after: where the last look ended.
        until: the present.
    """
    start = datetime.fromtimestamp(params["startTime"], UTC)
    end = datetime.fromtimestamp(params["endTime"], UTC) if "endTime" in params else half_a_year_after(created)
    last = min(until, end)
    step = _step(params)
    if step is None:
        if after < start <= last:
            yield start
        return
    moment = start
    if after >= start:
        moment = start + ((after - start) // step + 1) * step
    while moment <= last:
        yield moment
        moment += step


def half_a_year_after(moment: datetime) -> datetime:
    years, month = divmod(moment.month + 5, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _step(params: Json) -> timedelta | None:
    if params["interval"] == 0:
        return None
    return timedelta(days=params["interval"]) if params["timeUnit"] == "day" else timedelta(hours=params["interval"])


def _seconds(params: Json, name: str) -> int | None:
    value = params.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LATEST_SECOND:
        raise problems.plain(f"scheduleParams.{name} must be a whole number of epoch seconds")
    return value
