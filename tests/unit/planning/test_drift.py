from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aep_delivery.planning.declared import KNOWN_AFTER_APPLY
from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.drift import DriftedResource, DriftKind, drift_in
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    ActivationSubject,
    Plan,
    PlannedAction,
    PlannedActivation,
    PlannedResource,
)
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import PLANES, SCHEDULE

BASE, PROFILE_STORE, SOURCE, TARGET, FLOW = ResourceKind
NAME = FieldChange(path="name", before="Mine", after="planes")
STATE = FieldChange(path="state", before="disabled", after="enabled")
RELINK = FieldChange(path="sourceConnectionIds", before=["old"], after=[KNOWN_AFTER_APPLY])


def planned(kind: ResourceKind, action: PlannedAction = PlannedAction.KEEP, **fields: Any) -> PlannedResource:
    there = action not in (PlannedAction.CREATE, PlannedAction.REPLACE)
    return PlannedResource(kind=kind, action=action, name=kind.value, id=f"{kind}-1" if there else None, **fields)


def plan(*resources: PlannedResource) -> Plan:
    by_kind = {kind: planned(kind) for kind in (BASE, SOURCE, TARGET, FLOW)} | {
        resource.kind: resource for resource in resources
    }
    return Plan(
        config_fingerprint="f",
        delivery_id="prod/planes",
        owner="the-stack",
        serial=4,
        datasets=[PLANES],
        schedule=SCHEDULE,
        resources=list(by_kind.values()),
        warnings=[],
    )


def drifts(*resources: PlannedResource) -> list[tuple[ResourceKind, DriftKind, str | None]]:
    return [(one.kind, one.drift, one.id) for one in drift_in(plan(*resources))]


def test_an_empty_plan_is_no_drift() -> None:
    assert drifts() == []


@pytest.mark.parametrize(
    "resource",
    [
        planned(BASE, PlannedAction.UPDATE, rotates_credentials=True),
        planned(BASE, PlannedAction.USE),
        planned(FLOW, PlannedAction.ADOPT),
        planned(SOURCE, supersedes=["old"]),
    ],
    ids=["rotated secret", "used", "unknown to the journal", "left over"],
)
def test_what_nobody_changed_in_adobe_is_no_drift(resource: PlannedResource) -> None:
    assert drifts(resource) == []


@pytest.mark.parametrize("kind", ResourceKind)
def test_what_would_be_made_anew_is_gone(kind: ResourceKind) -> None:
    assert drifts(planned(kind, PlannedAction.CREATE)) == [(kind, DriftKind.DELETED, None)]


@pytest.mark.parametrize("kind", ResourceKind)
def test_what_would_be_updated_is_changed_field_by_field(kind: ResourceKind) -> None:
    found = drift_in(plan(planned(kind, PlannedAction.UPDATE, changes=[NAME])))
    assert [(one.kind, one.drift, one.id, one.changes) for one in found] == [
        (kind, DriftKind.CHANGED, f"{kind}-1", [NAME])
    ]


def test_a_disabled_dataflow_is_disabled_whatever_else_it_is() -> None:
    (found,) = drift_in(plan(planned(FLOW, PlannedAction.UPDATE, changes=[NAME, STATE])))
    assert (found.drift, found.changes) == (DriftKind.DISABLED, [NAME, STATE])


def test_a_link_to_what_is_gone_is_no_drift_of_its_own() -> None:
    gone = planned(SOURCE, PlannedAction.CREATE)
    assert drifts(gone, planned(FLOW, PlannedAction.UPDATE, changes=[RELINK])) == [(SOURCE, DriftKind.DELETED, None)]
    flow = planned(FLOW, PlannedAction.UPDATE, changes=[RELINK, NAME])
    assert [one.changes for one in drift_in(plan(gone, flow))] == [[], [NAME]]


def test_a_link_to_another_is_drift() -> None:
    other = FieldChange(path="sourceConnectionIds", before=["theirs"], after=["ours"])
    assert drifts(planned(FLOW, PlannedAction.UPDATE, changes=[other])) == [(FLOW, DriftKind.CHANGED, "dataflow-1")]


def test_what_can_only_be_replaced_is_changed_and_named_by_the_id_it_has() -> None:
    replaced = planned(SOURCE, PlannedAction.REPLACE, supersedes=["theirs"])
    assert drifts(replaced) == [(SOURCE, DriftKind.CHANGED, "theirs")]
    unclear = planned(SOURCE, PlannedAction.REPLACE, supersedes=["one", "two"])
    assert drifts(unclear) == [(SOURCE, DriftKind.CHANGED, None)]


def test_a_target_that_lost_its_base_connection_has_not_drifted() -> None:
    target = planned(TARGET, PlannedAction.REPLACE, supersedes=["target-1"])
    assert drifts(planned(BASE, PlannedAction.CREATE), target) == [(BASE, DriftKind.DELETED, None)]
    assert drifts(target) == [(TARGET, DriftKind.CHANGED, "target-1")]


@given(
    st.lists(
        st.builds(
            planned,
            st.sampled_from(ResourceKind),
            st.sampled_from([PlannedAction.KEEP, PlannedAction.UPDATE, PlannedAction.CREATE]),
            changes=st.lists(st.sampled_from([NAME, STATE, RELINK]), unique_by=lambda change: change.path),
        )
    )
)
def test_there_is_drift_only_where_the_plan_has_changes(resources: list[PlannedResource]) -> None:
    made = plan(*resources)
    found = drift_in(made)
    changing = {one.kind for one in made.resources if one.changes or one.action is PlannedAction.CREATE}
    assert {one.kind for one in found} <= changing
    assert len({one.kind for one in found}) == len(found)
    for one in found:
        assert one.drift is DriftKind.DELETED or one.changes
        assert (one.id is None) == (one.drift is DriftKind.DELETED)


def test_what_follows_from_a_lost_connection_to_the_profile_store_is_no_drift() -> None:
    lost, follows = planned(PROFILE_STORE, PlannedAction.CREATE), planned(SOURCE, PlannedAction.REPLACE)

    assert drifts(lost, follows) == [(PROFILE_STORE, DriftKind.DELETED, None)]


def activated(*changes: ActivationChange, flow: PlannedResource | None = None) -> list[DriftedResource]:
    made = plan(*([flow] if flow else []))
    return drift_in(made.model_copy(update={"activation": PlannedActivation(changes=[*changes])}))


def test_what_is_not_as_activated_is_drift_of_the_dataflow() -> None:
    named = {"subject": ActivationSubject.AUDIENCE, "id": "g", "name": "Gold"}
    keys = FieldChange(path="primaryFields", before=[], after=["x"])

    (drifted,) = activated(
        ActivationChange(action=ActivationAction.ADD, summary="DAILY", **named),
        ActivationChange(
            action=ActivationAction.UPDATE, changes=[FieldChange(path="exportMode", before="A", after="B")], **named
        ),
        ActivationChange(subject=ActivationSubject.ATTRIBUTE, action=ActivationAction.REMOVE, id="a", name="birthYear"),
        ActivationChange(
            subject=ActivationSubject.PRIMARY_FIELDS, action=ActivationAction.UPDATE, id="p", name="p", changes=[keys]
        ),
    )

    assert (drifted.kind, drifted.drift) == (FLOW, DriftKind.CHANGED)
    assert drifted.changes == [
        FieldChange(path="audiences[Gold]", before=None, after="DAILY"),
        FieldChange(path="audiences[Gold].exportMode", before="A", after="B"),
        FieldChange(path="attributes[birthYear]", before="birthYear", after=None),
        keys,
    ]


def test_of_a_dataflow_that_is_gone_no_audience_is_told() -> None:
    added = ActivationChange(subject=ActivationSubject.AUDIENCE, action=ActivationAction.ADD, id="g", name="Gold")

    (drifted,) = activated(added, flow=planned(FLOW, PlannedAction.CREATE))

    assert (drifted.drift, drifted.changes) == (DriftKind.DELETED, [])
