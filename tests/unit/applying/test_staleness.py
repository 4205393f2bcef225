from __future__ import annotations

import pytest

from aep_delivery.applying.staleness import (
    refuse_older_journal,
    refuse_other_config,
    refuse_stale,
    refuse_stale_activation,
)
from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    ActivationSubject,
    Plan,
    PlannedAction,
    PlannedActivation,
    PlannedResource,
)
from aep_delivery.runtime.errors import UserError
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import config

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

    document = caught.value.document()
    assert document.code == "plan.stale"
    assert planned.action in document.message
    assert document.hint
    assert said in "\n".join(caught.value.details)
    assert caught.value.place == (needed.id or planned.id)


PLANES = config()
PLAN = Plan(
    config_fingerprint=PLANES.fingerprint,
    delivery_id="prod/planes",
    owner="the-stack",
    serial=4,
    datasets=[],
    schedule={},
    resources=[],
    warnings=[],
)


def test_a_plan_is_for_the_config_it_was_made_from() -> None:
    refuse_other_config(PLAN, PLANES)

    with pytest.raises(UserError) as caught:
        refuse_other_config(PLAN, config(description="another"))

    document = caught.value.document()
    assert (document.code, document.place) == ("plan.stale", "prod/planes")
    assert document.message
    assert document.hint


@pytest.mark.parametrize("serial", [3, 5])
def test_a_plan_is_for_the_journal_it_was_made_from(serial: int) -> None:
    refuse_older_journal(PLAN, 4)

    with pytest.raises(UserError) as caught:
        refuse_older_journal(PLAN, serial)

    document = caught.value.document()
    assert (document.code, document.place) == ("plan.stale", "prod/planes")
    assert "4" in document.details[0]
    assert str(serial) in document.details[0]
    assert document.message
    assert document.hint


def activation(
    action: str, *changes: FieldChange, subject: str = "audience", entity: str = "gold", summary: str = ""
) -> ActivationChange:
    return ActivationChange(
        subject=ActivationSubject(subject),
        action=ActivationAction(action),
        id=entity,
        name=f"Name of {entity}",
        summary=summary,
        changes=[*changes],
    )


TIME = FieldChange(path="schedule.startTime", before="06:00", after="07:00")
MODE = FieldChange(path="exportMode", before="A", after="B")


@pytest.mark.parametrize(
    ("planned", "needed"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([activation("add")], [activation("add")], id="as planned"),
        pytest.param([activation("add"), activation("remove", entity="old")], [activation("add")], id="less"),
        pytest.param([activation("update", TIME, MODE)], [activation("update", MODE)], id="less of it"),
        pytest.param(
            [activation("update", TIME)],
            [activation("update", TIME.model_copy(update={"after": "08:00"}))],
            id="to something else",
        ),
    ],
)
def test_what_was_planned_of_an_activation_or_less_may_be_done(
    planned: list[ActivationChange], needed: list[ActivationChange]
) -> None:
    refuse_stale_activation(PlannedActivation(changes=planned), PlannedActivation(changes=needed), "flow-1")


@pytest.mark.parametrize(
    ("planned", "needed", "said"),
    [
        pytest.param([], [activation("add", summary="DAILY")], ["add audience Name of gold DAILY"], id="one more"),
        pytest.param([], [activation("add")], ["add audience Name of gold"], id="one more without words"),
        pytest.param(
            [activation("add")], [activation("remove")], ["remove audience Name of gold"], id="the other way round"
        ),
        pytest.param(
            [activation("add")], [activation("add", entity="silver")], ["add audience Name of silver"], id="another"
        ),
        pytest.param(
            [activation("add")],
            [activation("add", subject="attribute")],
            ["add attribute Name of gold"],
            id="of another kind",
        ),
        pytest.param(
            [],
            [activation("update", TIME, MODE)],
            ["Name of gold: schedule.startTime: '06:00' -> '07:00'", "Name of gold: exportMode: 'A' -> 'B'"],
            id="an update",
        ),
        pytest.param(
            [activation("update", TIME)],
            [activation("update", TIME, MODE)],
            ["Name of gold: exportMode: 'A' -> 'B'"],
            id="more of an update",
        ),
        pytest.param(
            [activation("update", TIME)],
            [activation("update", TIME.model_copy(update={"before": "05:00"}))],
            ["Name of gold: schedule.startTime: '05:00' -> '07:00'"],
            id="from something else",
        ),
        pytest.param(
            [],
            [activation("add"), activation("update", MODE, entity="silver"), activation("remove", entity="old")],
            ["add audience Name of gold", "Name of silver: exportMode: 'A' -> 'B'", "remove audience Name of old"],
            id="all that is more",
        ),
    ],
)
def test_more_of_an_activation_than_planned_is_refused_and_told(
    planned: list[ActivationChange], needed: list[ActivationChange], said: list[str]
) -> None:
    with pytest.raises(UserError) as caught:
        refuse_stale_activation(PlannedActivation(changes=planned), PlannedActivation(changes=needed), "flow-1")

    document = caught.value.document()
    assert (document.code, document.place, document.details) == ("plan.stale", "flow-1", said)
    assert document.message
    assert document.hint
