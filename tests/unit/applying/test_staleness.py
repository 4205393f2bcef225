from __future__ import annotations

import pytest

from aep_delivery.applying.staleness import refuse_stale
from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import PlannedAction, PlannedResource
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind

PATH = FieldChange(path="params.path", before="a", after="b")
INTERVAL = FieldChange(path="scheduleParams.interval", before=3, after=6)


def resource(action: str, *changes: FieldChange, entity: str | None = "t-1", rotates: bool = False) -> PlannedResource:
    return PlannedResource(
        kind=ResourceKind.TARGET_CONNECTION,
        action=PlannedAction(action),
        name="planes",
        id=entity,
        changes=[*changes],
        rotates_credentials=rotates,
    )


@pytest.mark.parametrize(
    ("planned", "needed"),
    [
        pytest.param(resource("create", entity=None), resource("create", entity=None), id="create"),
        pytest.param(resource("replace", entity=None), resource("replace", entity=None), id="replace"),
        pytest.param(resource("create", entity=None), resource("keep"), id="created-by-a-lost-attempt"),
        pytest.param(resource("create", entity=None), resource("adopt", rotates=True), id="created-by-a-late-request"),
        pytest.param(resource("update", PATH, INTERVAL), resource("update", PATH, INTERVAL), id="update"),
        pytest.param(resource("update", PATH, INTERVAL), resource("update", PATH), id="half-updated"),
        pytest.param(resource("update", PATH), resource("keep"), id="updated-by-a-lost-attempt"),
        pytest.param(
            resource("update", PATH), resource("update", PATH.model_copy(update={"after": "c"})), id="id-known-by-now"
        ),
        pytest.param(resource("update", rotates=True), resource("update", rotates=True), id="rotation"),
        pytest.param(resource("adopt", PATH), resource("update", PATH), id="adopted-and-updated"),
        pytest.param(resource("keep"), resource("keep"), id="keep"),
    ],
)
def test_what_was_planned_or_less_may_be_done(planned: PlannedResource, needed: PlannedResource) -> None:
    refuse_stale(planned, needed)


@pytest.mark.parametrize(
    ("planned", "needed", "said"),
    [
        pytest.param(resource("keep"), resource("create", entity=None), "not there any more", id="deleted"),
        pytest.param(
            resource("update", PATH), resource("create", entity=None), "not there any more", id="update-deleted"
        ),
        pytest.param(resource("adopt"), resource("replace", entity=None), "not there any more", id="adopt-deleted"),
        pytest.param(resource("keep"), resource("update", PATH), "params.path: 'a' -> 'b'", id="edited"),
        pytest.param(
            resource("update", PATH), resource("update", PATH, INTERVAL), "interval: 3 -> 6", id="edited-more"
        ),
        pytest.param(
            resource("update", PATH),
            resource("update", PATH.model_copy(update={"before": "by-hand"})),
            "params.path: 'by-hand' -> 'b'",
            id="planned-field-edited",
        ),
        pytest.param(
            resource("create", entity=None), resource("update", PATH), "params.path", id="edited-after-creation"
        ),
        pytest.param(resource("keep"), resource("update", rotates=True), "another version", id="secret-rotated"),
    ],
)
def test_more_than_planned_is_refused(planned: PlannedResource, needed: PlannedResource, said: str) -> None:
    with pytest.raises(UserError) as caught:
        refuse_stale(planned, needed)

    assert caught.value.code == "plan.stale"
    assert said in "\n".join(caught.value.details)
    assert caught.value.place == (needed.id or planned.id)
