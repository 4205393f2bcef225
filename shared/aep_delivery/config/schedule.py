"""When and what a dataset dataflow exports: Adobe's ``scheduleParams`` and the combinations it supports."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, model_validator

from aep_delivery.config.base import ConfigModel, Violation, refuse
from aep_delivery.config.folders import FolderTemplate
from aep_delivery.config.moments import Moment


class ExportMode(StrEnum):
    """``DAILY_FULL_EXPORT`` exports everything, once; ``FIRST_FULL_THEN_INCREMENTAL`` repeats with what is new."""

    DAILY_FULL_EXPORT = "DAILY_FULL_EXPORT"
    FIRST_FULL_THEN_INCREMENTAL = "FIRST_FULL_THEN_INCREMENTAL"


class TimeUnit(StrEnum):
    """The unit of ``interval``."""

    HOUR = "hour"
    DAY = "day"


HOURLY_INTERVALS = (3, 6, 9, 12)
"""Adobe's API pages and OpenAPI file; its UI page says 8 instead of 9, which the API refuses."""


def _combination(mode: str, unit: str, intervals: tuple[int, ...]) -> dict[str, Any]:
    return {
        "properties": {"exportMode": {"const": mode}, "timeUnit": {"const": unit}, "interval": {"enum": [*intervals]}}
    }


_COMBINATIONS: dict[str, Any] = {
    "anyOf": [
        _combination("DAILY_FULL_EXPORT", "day", (0,)),
        _combination("FIRST_FULL_THEN_INCREMENTAL", "day", (1,)),
        _combination("FIRST_FULL_THEN_INCREMENTAL", "hour", HOURLY_INTERVALS),
    ]
}


class ScheduleParams(ConfigModel):
    """One schedule for all datasets of the delivery."""

    model_config = ConfigDict(json_schema_extra=_COMBINATIONS)

    export_mode: Annotated[ExportMode, Field(strict=False, examples=["FIRST_FULL_THEN_INCREMENTAL"])]
    """A full export once, or a first full export and then what is new."""
    interval: Annotated[int, Field(examples=[3, 1, 0])]
    """3, 6, 9 or 12 hours, or 1 day, for incremental exports; 0 days for the full export."""
    time_unit: Annotated[TimeUnit, Field(strict=False, examples=["hour"])]
    """The unit of `interval`."""
    start_time: Annotated[Moment | None, Field(examples=["2027-01-01T00:00:00Z", 1798761600])] = None
    """The first slot: ISO 8601 with an offset, or whole epoch seconds. As soon as Adobe allows where it is left out."""
    end_time: Annotated[Moment | None, Field(examples=["2027-06-01T00:00:00Z"])] = None
    """When the dataflow stops. Adobe's own default is six months after creation; a new dataflow is always given one."""
    foldername_template: Annotated[
        FolderTemplate | None, Field(examples=["%DESTINATION%/%DATASET_ID%/%DATETIME(YYYYMMdd_HHmmss)%"])
    ] = None
    """The folders below `path`. Adobe's default is `%DATASET_ID%/%EXPORT_TIME%`."""

    @model_validator(mode="after")
    def _adobe_supports_it(self) -> Self:
        violations = [*self._broken_combination(), *self._broken_window()]
        if violations:
            refuse(*violations)
        return self

    def _broken_combination(self) -> Iterator[Violation]:
        if self.export_mode is ExportMode.DAILY_FULL_EXPORT:
            if (self.interval, self.time_unit) != (0, TimeUnit.DAY):
                yield Violation(
                    "config.schedule-full-repeats",
                    "Adobe exports everything once only: DAILY_FULL_EXPORT goes with interval 0 and timeUnit day",
                    "Write `interval: 0` and `timeUnit: day`, or `exportMode: FIRST_FULL_THEN_INCREMENTAL` to repeat.",
                    ("interval",),
                )
        elif self.time_unit is TimeUnit.DAY and self.interval != 1:
            yield Violation(
                "config.schedule-interval",
                f"incremental exports by the day run every 1 day, not every {self.interval}",
                "Write `interval: 1`; a single full export is `exportMode: DAILY_FULL_EXPORT` with `interval: 0`.",
                ("interval",),
            )
        elif self.time_unit is TimeUnit.HOUR and self.interval not in HOURLY_INTERVALS:
            daily = self.interval == 24
            yield Violation(
                "config.schedule-interval",
                f"incremental exports by the hour run every 3, 6, 9 or 12 hours, not every {self.interval}",
                "Write `interval: 1` and `timeUnit: day`." if daily else "Write 3, 6, 9 or 12.",
                ("interval",),
            )

    def _broken_window(self) -> Iterator[Violation]:
        if self.start_time and self.end_time and self.end_time <= self.start_time:
            yield Violation(
                "config.schedule-window",
                "must be later than startTime",
                "Give an end after the start, or leave endTime out.",
                ("endTime",),
            )
