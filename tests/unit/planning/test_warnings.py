from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.planning.warnings import plan_warnings
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import SCHEDULE, config

NOW = datetime(2027, 1, 1, tzinfo=UTC)


def codes(action: PlannedAction, end_in: timedelta, **schedule: Any) -> list[str]:
    dataflow = PlannedResource(kind=ResourceKind.DATAFLOW, action=action, name="planes", id=None)
    sent = {**SCHEDULE, "endTime": int((NOW + end_in).timestamp())}
    return [warning.code for warning in plan_warnings(config(scheduleParams=schedule), sent, dataflow, NOW)]


@pytest.mark.parametrize(
    ("action", "end_in", "schedule", "expected"),
    [
        (PlannedAction.CREATE, 180, {}, ["schedule.end-not-set", "schedule.first-run-is-full"]),
        (PlannedAction.CREATE, 180, {"endTime": "2027-06-30T00:00:00Z"}, ["schedule.first-run-is-full"]),
        (PlannedAction.CREATE, 29, {"endTime": "2027-01-30T00:00:00Z"}, ["schedule.ends-soon", "schedule.first-run-is-full"]),
        (PlannedAction.KEEP, 180, {}, []),
        (PlannedAction.KEEP, 29, {}, ["schedule.ends-soon"]),
        (PlannedAction.UPDATE, 30, {}, []),
    ],
)  # fmt: skip
def test_t62_what_the_reader_should_know(
    action: PlannedAction, end_in: int, schedule: dict[str, Any], expected: list[str]
) -> None:
    assert codes(action, timedelta(days=end_in), **schedule) == expected


def test_messages_say_when() -> None:
    dataflow = PlannedResource(kind=ResourceKind.DATAFLOW, action=PlannedAction.KEEP, name="planes", id="f")
    schedule = {**SCHEDULE, "endTime": int((NOW + timedelta(days=9, hours=5)).timestamp())}

    (warning,) = plan_warnings(config(), schedule, dataflow, NOW)

    assert warning.message == "The dataflow ends on 2027-01-10, in 9 days; nothing is exported after it."
    assert warning.source.startswith("Adobe:")
