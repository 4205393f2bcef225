"""What a config leaves open of its audiences' schedules: it stays as it is in Adobe, or becomes what Adobe allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from aep_delivery.config.audience_schedule import AudienceSchedule, Frequency, Trigger
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.audiences import ResolvedAudience, schedule_of
from aep_delivery.planning.schedule import DEFAULT_LIFETIME, LEAD_TIME, next_full_hour


def with_full_schedules(
    config: DeliveryConfig, audiences: Sequence[ResolvedAudience], live: Mapping[str, dict[str, Any]], now: datetime
) -> DeliveryConfig:
    """The config with a whole schedule for each audience.

    What is left out stays as it is on the dataflow. For an audience that is new there, the start is the next full hour
    that is at least an hour away, or the first day on which a given hour is; the end is 180 days later.

    Args:
        config: Of a delivery of audiences; others come back as they are.
        audiences: Its audiences in their order, as Adobe lists them.
        live: The schedules on the dataflow, by audience.
        now: By Adobe's clock.
    """
    filled = []
    for audience, resolved in zip(config.audiences, audiences, strict=True):
        declared = schedule_of(config, audience)
        whole = _filled(declared, live.get(resolved.id, {}), now)
        filled.append(audience if whole == declared else audience.model_copy(update={"schedule": whole}))
    return config.model_copy(update={"audiences": tuple(filled)})


def _filled(declared: AudienceSchedule, there: Mapping[str, Any], now: datetime) -> AudienceSchedule:
    start_date, start_time = _start(declared, there, now)
    end_date = declared.end_date
    if end_date is None and declared.frequency is not Frequency.ONCE:
        end_date = _day(there.get("endDate")) or start_date + DEFAULT_LIFETIME
    return declared.model_copy(update={"start_date": start_date, "start_time": start_time, "end_date": end_date})


def _start(declared: AudienceSchedule, there: Mapping[str, Any], now: datetime) -> tuple[date, str | None]:
    live_date = _day(there.get("startDate"))
    if declared.trigger_type is Trigger.AFTER_SEGMENT_EVAL:
        # The segmentation of the day decides when; today's may be yet to come.
        return declared.start_date or live_date or now.date(), None
    live_time = there.get("startTime")
    if declared.start_date is not None:
        earliest = next_full_hour(now + LEAD_TIME)
        soonest = f"{earliest:%H}:00" if earliest.date() == declared.start_date else "00:00"
        kept = live_time if live_date == declared.start_date else None
        return declared.start_date, declared.start_time or kept or soonest
    if live_date is not None and live_time and declared.start_time in (None, live_time):
        return live_date, live_time
    if declared.start_time is None:
        earliest = next_full_hour(now + LEAD_TIME)
        return earliest.date(), f"{earliest:%H}:00"
    first = datetime.combine(now.date(), time.fromisoformat(declared.start_time), UTC)
    while first < now + LEAD_TIME:
        first += timedelta(days=1)
    return first.date(), declared.start_time


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
