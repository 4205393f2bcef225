"""Checks the schedules of audiences against Adobe's clock, as far as they would be set anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aep_delivery.config.audience_schedule import AudienceSchedule
from aep_delivery.config.audiences import Audience
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import AudienceToExport, schedule_of, selector_id
from aep_delivery.planning.plan import PlanWarning, Severity
from aep_delivery.planning.schedule import LEAD_TIME
from aep_delivery.runtime.errors import UserError

ENDS_SOON = timedelta(days=30)
PATIENCE = timedelta(minutes=75)
"""How long a delivery waits for Adobe to take an audience for an export by hand: an hour after its activation."""
LAST_DAYS = timedelta(days=7)
"""Before the end, when people begin to count the days."""
_SCHEDULING = "Adobe: Activate audiences to file-based destinations, scheduling"


def live_schedules(selectors: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """The schedules on a dataflow, by audience."""
    return {
        found: dict(selector["value"].get("schedule") or {})
        for selector in selectors
        if (found := selector_id(selector)) is not None
    }


def check_audience_schedules(
    config: DeliveryConfig,
    audiences: Sequence[AudienceToExport],
    live: Mapping[str, dict[str, Any]],
    now: datetime,
) -> None:
    """Refuse schedules that Adobe would take and then miss in silence. One that is there already is not judged.

    Args:
        config: Of a delivery of audiences.
        audiences: Its audiences, in their order.
        live: What the dataflow has, by audience.
        now: By Adobe's clock.

    Raises:
        UserError: ``schedule.in-the-past``, ``schedule.too-soon`` or ``schedule.ended``.
    """
    for index, (audience, exported) in enumerate(zip(config.audiences, audiences, strict=True)):
        schedule, there = schedule_of(config, audience), live.get(exported.id, {})
        place = _place(index, audience)
        if _starts_anew(exported.schedule, there):
            _check_start(schedule, now, place)
        if config.run.trigger == "NOW" and schedule.start_date and schedule.start_date > (now + PATIENCE).date():
            raise UserError(
                f"{exported.name} cannot be exported by hand before {schedule.start_date}, when its schedule begins.",
                code="schedule.not-begun",
                place=f"{place}.startDate",
                hint="Choose today, or leave startDate out; or wait for the schedule: `run.trigger: SCHEDULED`.",
            )
        if schedule.ends_at is not None and schedule.ends_at <= now and not _is_live(exported.schedule, there):
            raise UserError(
                f"The schedule of {exported.name} ended on {schedule.end_date}.",
                code="schedule.ended",
                place=f"{place}.endDate",
                hint="Set a later endDate. The end day itself is not exported any more.",
            )


def schedule_warnings(
    config: DeliveryConfig, audiences: Sequence[AudienceToExport], now: datetime
) -> Iterator[PlanWarning]:
    """What of the ends of schedules the reader should know. Schedules that several audiences share are told of once."""
    ends: dict[datetime, list[str]] = {}
    for audience, exported in zip(config.audiences, audiences, strict=True):
        end = schedule_of(config, audience).ends_at
        if end is not None:
            ends.setdefault(end, []).append(exported.name)
    for end, names in sorted(ends.items()):
        yield from _of_end(end, _listed(names), now)


def _of_end(end: datetime, whose: str, now: datetime) -> Iterator[PlanWarning]:
    if end <= now:
        yield PlanWarning(
            code="activation.ended",
            message=f"The schedule of {whose} ended on {end:%Y-%m-%d}; nothing of it is exported any more.",
            source=_SCHEDULING,
        )
        return
    if end - now < ENDS_SOON:
        yield PlanWarning(
            code="activation.ends-soon",
            message=f"The schedule of {whose} ends on {end:%Y-%m-%d}, in {(end - now).days} days; nothing is exported "
            "after it.",
            source=_SCHEDULING,
        )
    if end - now < LAST_DAYS:
        yield PlanWarning(
            code="activation.end-day-not-exported",
            severity=Severity.INFO,
            message=f"The last day on which {whose} is exported is {end - timedelta(days=1):%Y-%m-%d}: Adobe does not "
            "export on the end day itself.",
            source=_SCHEDULING,
        )


def _place(index: int, audience: Audience) -> str:
    return f"audiences[{index}].schedule" if audience.schedule is not None else "activation.schedule"


def _starts_anew(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    return any(wanted.get(field) != there.get(field) for field in ("startDate", "startTime"))


def _is_live(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    return wanted.get("endDate") == there.get("endDate")


def _check_start(schedule: AudienceSchedule, now: datetime, place: str) -> None:
    said = f"{now:%Y-%m-%d %H:%M} UTC"
    start = schedule.starts_at
    if schedule.start_date is None or start is None:
        return
    if schedule.start_time is None:
        # The segmentation of the day decides when; today's may be yet to come.
        if schedule.start_date < now.date():
            raise UserError(
                f"startDate {schedule.start_date} lies in the past.",
                code="schedule.in-the-past",
                place=f"{place}.startDate",
                hint=f"Adobe's clock says {said}. Choose today or a later day.",
            )
        return
    if start <= now:
        raise UserError(
            f"The start, {start:%Y-%m-%d %H:%M} UTC, lies in the past.",
            code="schedule.in-the-past",
            place=f"{place}.startDate",
            hint=f"Adobe's clock says {said}. Choose a later startDate or startTime.",
        )
    if start < now + LEAD_TIME:
        raise UserError(
            f"The start, {start:%Y-%m-%d %H:%M} UTC, is less than an hour away.",
            code="schedule.too-soon",
            place=f"{place}.startTime",
            hint=f"Adobe's clock says {said}, and changes take up to an hour to take effect. Choose a later start.",
        )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} audiences"
