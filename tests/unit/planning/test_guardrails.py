from __future__ import annotations

from typing import Any

import pytest

from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.guardrails import refuse_shared_schedule_change
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import AIRPORTS, PLANES, config

MOVED = FieldChange(path="scheduleParams.interval", before=3, after=6)
EXTENDED = FieldChange(path="scheduleParams.endTime", before=5, after=6)
RENAMED = FieldChange(path="name", before="a", after="b")


def dataflow(*changes: FieldChange) -> PlannedResource:
    return PlannedResource(
        kind=ResourceKind.DATAFLOW, action=PlannedAction.UPDATE, name="planes", id="f", changes=[*changes]
    )


def test_moving_the_schedule_of_several_datasets_is_refused_with_their_names() -> None:
    with pytest.raises(UserError) as caught:
        refuse_shared_schedule_change(config(), dataflow(RENAMED, MOVED), [PLANES, AIRPORTS])
    assert caught.value.code == "plan.schedule-shared"
    assert caught.value.details == ["scheduleParams.interval: 3 -> 6", "datasets: Planes, Airports"]


@pytest.mark.parametrize(
    ("changes", "datasets", "settings"),
    [
        ((MOVED,), [PLANES], {}),
        ((EXTENDED, RENAMED), [PLANES, AIRPORTS], {}),
        ((MOVED,), [PLANES, AIRPORTS], {"allow": ["schedule-change"]}),
        ((), [PLANES, AIRPORTS], {}),
    ],
    ids=["one-dataset", "later-end", "allowed", "unchanged"],
)
def test_all_else_is_not(changes: tuple[FieldChange, ...], datasets: list[Any], settings: dict[str, Any]) -> None:
    refuse_shared_schedule_change(config(**settings), dataflow(*changes), datasets)
