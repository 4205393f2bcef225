"""Adobe's traps that a plan can see before anything happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.plan import PlannedAction, PlannedResource, PlanWarning
from aep_delivery.planning.schedule import DEFAULT_LIFETIME

ENDS_SOON = timedelta(days=30)
_EXPORT_API = "Adobe: Export datasets by using the Flow Service API"


def plan_warnings(
    config: DeliveryConfig, schedule: dict[str, Any], dataflow: PlannedResource, now: datetime
) -> Iterator[PlanWarning]:
    """What the reader of a plan should know, most important first."""
    end = datetime.fromtimestamp(schedule["endTime"], UTC) if "endTime" in schedule else None
    if end is None:
        yield PlanWarning(
            code="schedule.end-not-set",
            message="The dataflow has no endTime: Adobe ends it six months after its creation. Give one to decide it "
            "yourself.",
            source=_EXPORT_API,
        )
    elif end - now < ENDS_SOON:
        yield PlanWarning(
            code="schedule.ends-soon",
            message=f"The dataflow ends on {end:%Y-%m-%d}, in {(end - now).days} days; nothing is exported after it.",
            source=_EXPORT_API,
        )
    elif config.dataset_schedule.end_time is None and dataflow.action is PlannedAction.CREATE:
        yield PlanWarning(
            code="schedule.end-not-set",
            message=f"No endTime is given: the dataflow will end on {end:%Y-%m-%d}, {DEFAULT_LIFETIME.days} days after "
            "its start, as Adobe would end it.",
            source=_EXPORT_API,
        )
    if schedule["exportMode"] == "FIRST_FULL_THEN_INCREMENTAL" and dataflow.action is PlannedAction.CREATE:
        yield PlanWarning(
            code="schedule.first-run-is-full",
            message="The first run exports everything the datasets hold; later runs only what is new.",
            source=_EXPORT_API,
        )
