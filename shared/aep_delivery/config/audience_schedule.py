"""When an audience is exported: Adobe's export modes, frequencies and triggers, and the combinations it supports.

Sources: Adobe: Connect to batch destinations and activate audiences by API; Activate audiences to file-based
destinations, schedule.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from aep_delivery.config.base import ConfigModel, TextRule, Violation, refuse
from aep_delivery.config.schedule import ExportMode


class Frequency(StrEnum):
    """How often; the hours go with incremental exports, ONCE, WEEKLY and MONTHLY with full ones."""

    ONCE = "ONCE"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    EVERY_3_HOURS = "EVERY_3_HOURS"
    EVERY_6_HOURS = "EVERY_6_HOURS"
    EVERY_8_HOURS = "EVERY_8_HOURS"
    EVERY_12_HOURS = "EVERY_12_HOURS"

    @property
    def hours(self) -> int | None:
        """Hours between two exports of one day; None for frequencies of days and more."""
        return int(self.split("_")[1]) if self.startswith("EVERY_") else None


class Trigger(StrEnum):
    """``SCHEDULED``: at ``startTime``; ``AFTER_SEGMENT_EVAL``: as soon as the daily batch segmentation has ended."""

    SCHEDULED = "SCHEDULED"
    AFTER_SEGMENT_EVAL = "AFTER_SEGMENT_EVAL"


_INCREMENTAL = {
    Frequency.DAILY,
    Frequency.EVERY_3_HOURS,
    Frequency.EVERY_6_HOURS,
    Frequency.EVERY_8_HOURS,
    Frequency.EVERY_12_HOURS,
}
_FULL = {Frequency.ONCE, Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY}


def _read_date(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(value)
    return refuse(Violation("config.date-invalid", "is not a day", "Write it as 2027-01-31; Adobe counts days in UTC."))


Day = Annotated[
    date,
    BeforeValidator(_read_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
FullHour = Annotated[
    str,
    TextRule.shape(
        r"^(?:[01][0-9]|2[0-3]):00$",
        Violation(
            "config.start-time",
            "is not a full hour in UTC",
            'Write two digits and :00, from "00:00" to "23:00": Adobe exports on the hour.',
        ),
    ),
]


_COMBINATIONS: dict[str, Any] = {
    "allOf": [
        {
            "if": {
                "properties": {"triggerType": {"const": "AFTER_SEGMENT_EVAL"}},
                "required": ["triggerType"],
            },
            "then": {"properties": {"startTime": False, "frequency": {"enum": ["ONCE", "DAILY"]}}},
        },
        {
            "if": {"properties": {"frequency": {"const": "ONCE"}}, "required": ["frequency"]},
            "then": {"properties": {"endDate": False}},
        },
    ]
}


class AudienceSchedule(ConfigModel):
    """When an audience is exported. Days and hours are UTC; nothing is exported on the end day any more."""

    model_config = ConfigDict(json_schema_extra=_COMBINATIONS)

    frequency: Annotated[Frequency, Field(strict=False, examples=["DAILY"])]
    """How often."""
    trigger_type: Annotated[Trigger, Field(strict=False, examples=["AFTER_SEGMENT_EVAL"])] = Trigger.SCHEDULED
    """What starts an export."""
    start_date: Annotated[Day | None, Field(examples=["2027-01-01"])] = None
    """The first day; as soon as Adobe allows where it is left out."""
    start_time: Annotated[FullHour | None, Field(examples=["06:00"])] = None
    """The hour; the next one that Adobe allows where it is left out. With AFTER_SEGMENT_EVAL there is none."""
    end_date: Annotated[Day | None, Field(examples=["2027-06-30"])] = None
    """The day on which exports have ended: the last one is the day before. 180 days after the start where it is left
    out. ONCE has none."""

    @property
    def starts_at(self) -> datetime | None:
        """The first slot; with AFTER_SEGMENT_EVAL the beginning of its day. None where the config leaves it open."""
        follows = self.trigger_type is Trigger.AFTER_SEGMENT_EVAL
        if self.start_date is None or (self.start_time is None and not follows):
            return None
        clock = time.fromisoformat(self.start_time) if self.start_time else time()
        return datetime.combine(self.start_date, clock, UTC)

    @property
    def ends_at(self) -> datetime | None:
        """From here on nothing is exported."""
        return datetime.combine(self.end_date, time(), UTC) if self.end_date else None


def broken_rules(mode: ExportMode, schedule: AudienceSchedule) -> Iterator[Violation]:
    """What Adobe does not support of a mode with a schedule. Fields are relative to the schedule."""
    frequency = schedule.frequency
    allowed = _FULL if mode is ExportMode.DAILY_FULL_EXPORT else _INCREMENTAL
    if frequency not in allowed:
        names = ", ".join(known for known in Frequency if known in allowed)
        yield Violation(
            "config.schedule-frequency",
            f"{frequency} does not go with {mode}",
            f"With {mode}: {names}.",
            ("frequency",),
        )
        return
    after_evaluation = schedule.trigger_type is Trigger.AFTER_SEGMENT_EVAL
    if after_evaluation and (
        mode is not ExportMode.DAILY_FULL_EXPORT or frequency not in (Frequency.ONCE, Frequency.DAILY)
    ):
        yield Violation(
            "config.schedule-trigger",
            f"AFTER_SEGMENT_EVAL does not go with {mode} and {frequency}",
            "Write SCHEDULED and a `startTime`; only full exports, ONCE or DAILY, can follow the segmentation.",
            ("triggerType",),
        )
    elif after_evaluation and schedule.start_time is not None:
        yield Violation(
            "config.schedule-start-time",
            "does not apply after segmentation, whose end decides",
            "Remove it, or write `triggerType: SCHEDULED`.",
            ("startTime",),
        )
    if frequency is Frequency.ONCE and schedule.end_date is not None:
        yield Violation(
            "config.schedule-end", "does not go with ONCE", "Remove it: there is a single export.", ("endDate",)
        )
    elif schedule.end_date and schedule.start_date and schedule.end_date <= schedule.start_date:
        yield Violation(
            "config.schedule-window",
            "must be later than startDate: the end day itself is not exported",
            "Give an end at least a day after the start.",
            ("endDate",),
        )
