"""What a plan refuses unless the config says that it is meant."""

from __future__ import annotations

from collections.abc import Sequence

from aep_delivery.config.changes import Allowance
from aep_delivery.config.models import DeliveryConfig
from aep_delivery.planning.declared import DatasetToExport
from aep_delivery.planning.plan import PlannedResource
from aep_delivery.runtime.errors import UserError

_EXTENDING = "scheduleParams.endTime"
"""A later end takes nothing from anybody."""


def refuse_shared_schedule_change(
    config: DeliveryConfig, dataflow: PlannedResource, datasets: Sequence[DatasetToExport]
) -> None:
    """Refuse to move the schedule that several datasets share, as one reads "every dataset has its own" into a config.

    Adobe: a dataflow has one ``scheduleParams`` for all datasets of its source connection.

    Raises:
        UserError: ``plan.schedule-shared``.
    """
    moved = [c for c in dataflow.changes if c.path.startswith("scheduleParams.") and c.path != _EXTENDING]
    if not moved or len(datasets) <= 1 or Allowance.SCHEDULE_CHANGE in config.allow:
        return
    raise UserError(
        f"This changes the schedule of {len(datasets)} datasets, which share one dataflow.",
        code="plan.schedule-shared",
        place="scheduleParams",
        details=[
            *(f"{change.path}: {change.before!r} -> {change.after!r}" for change in moved),
            f"datasets: {', '.join(dataset.name for dataset in datasets)}",
        ],
        hint="If that is meant, write `allow: [schedule-change]`; else give the dataset a delivery of its own.",
    )
