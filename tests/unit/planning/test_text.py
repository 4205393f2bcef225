from __future__ import annotations

from typing import Any

from aep_delivery.planning.diff import FieldChange
from aep_delivery.planning.plan import (
    ActivationAction,
    ActivationChange,
    ActivationSubject,
    AudienceLeftAlone,
    LeftAlone,
    Plan,
    PlannedAction,
    PlannedActivation,
    PlannedResource,
    PlanWarning,
)
from aep_delivery.planning.text import plan_text
from aep_delivery.state.records import ResourceKind
from tests.unit.planning.declarations import PLANES, SCHEDULE


def plan(*resources: PlannedResource, **changes: Any) -> Plan:
    return Plan(
        config_fingerprint="c", delivery_id="prod/planes", owner="s", serial=3, datasets=[PLANES], schedule=SCHEDULE,
        resources=[*resources], warnings=[], **changes,
    )  # fmt: skip


KEPT = PlannedResource(kind=ResourceKind.BASE_CONNECTION, action=PlannedAction.KEEP, name="planes: Amazon S3", id="b-1")


def test_no_changes() -> None:
    assert plan_text(plan(KEPT)).splitlines() == [
        "Plan for prod/planes",
        "  = keep    base-connection   planes: Amazon S3 (b-1)",
        "No changes: Adobe is as declared.",
    ]


def test_every_kind_of_change_has_its_line() -> None:
    made = PlannedResource(
        kind=ResourceKind.SOURCE_CONNECTION,
        action=PlannedAction.REPLACE,
        name="planes: data lake",
        id=None,
        supersedes=["s-1"],
    )
    rotated = KEPT.model_copy(update={"action": PlannedAction.UPDATE, "rotates_credentials": True})
    changed = PlannedResource(
        kind=ResourceKind.DATAFLOW,
        action=PlannedAction.UPDATE,
        name="planes",
        id="f-1",
        changes=[FieldChange(path="scheduleParams.interval", before=3, after=6)],
    )
    document = plan(rotated, made, changed).model_copy(
        update={"warnings": [PlanWarning(code="schedule.ends-soon", message="The dataflow ends soon.", source="Adobe")]}
    )

    assert plan_text(document).splitlines() == [
        "Plan for prod/planes",
        "  ~ update  base-connection   planes: Amazon S3 (b-1)",
        "        credentials: another version of the secret",
        "  ± replace source-connection planes: data lake",
        "      - remove s-1 once nothing refers to it",
        "  ~ update  dataflow          planes (f-1)",
        "        scheduleParams.interval: 3 -> 6",
        "  ! The dataflow ends soon. [schedule.ends-soon]",
        "3 of 3 resources change.",
    ]


def test_control_characters_of_foreign_values_do_not_reach_the_terminal() -> None:
    changed = KEPT.model_copy(
        update={
            "action": PlannedAction.UPDATE,
            "changes": [FieldChange(path="name", before="\x1b[2Jgone", after="planes")],
        }
    )
    assert "\x1b" not in plan_text(plan(changed))


def test_leftover_to_remove_counts_as_a_change() -> None:
    document = plan(KEPT.model_copy(update={"supersedes": ["old"]}))

    assert document.changes == 1
    assert "remove old" in plan_text(document)


def test_json_reads_back_as_the_same_plan() -> None:
    document = plan(KEPT)
    assert Plan.model_validate_json(document.model_dump_json()) == document


def test_what_only_bears_the_name_is_told_to_be_left_alone() -> None:
    other = LeftAlone(kind=ResourceKind.DATAFLOW, id="f-9", name="planes")

    assert plan_text(plan(KEPT, left_alone=[other])).splitlines() == [
        "Plan for prod/planes",
        "  = keep    base-connection   planes: Amazon S3 (b-1)",
        "  . leave   dataflow          planes (f-9): it is not this delivery's",
        "No changes: Adobe is as declared.",
    ]


def test_activation_has_its_lines() -> None:
    store = PlannedResource(
        kind=ResourceKind.PROFILE_STORE_CONNECTION, action=PlannedAction.USE, name="Profiles", id="p-1"
    )
    change = FieldChange(path="schedule.startTime", before="06:00", after="07:00")
    activation = PlannedActivation(
        changes=[
            ActivationChange(
                subject=ActivationSubject.AUDIENCE, action=ActivationAction.ADD, id="g", name="Loyalty gold",
                summary="DAILY 06:00 from 2027-01-01 until 2027-06-30, full",
            ),
            ActivationChange(
                subject=ActivationSubject.AUDIENCE, action=ActivationAction.UPDATE, id="s", name="Loyalty silver",
                changes=[change],
            ),
            ActivationChange(
                subject=ActivationSubject.ATTRIBUTE, action=ActivationAction.REMOVE, id="a", name="birthYear"
            ),
        ],
        left_alone=[AudienceLeftAlone(id="t", name="Theirs")],
    )  # fmt: skip

    assert plan_text(plan(KEPT, store, activation=activation)).splitlines() == [
        "Plan for prod/planes",
        "  = keep    base-connection          planes: Amazon S3 (b-1)",
        "  . use     profile-store-connection Profiles (p-1)",
        "  + add     audience                 Loyalty gold  DAILY 06:00 from 2027-01-01 until 2027-06-30, full",
        "  ~ update  audience                 Loyalty silver",
        "        schedule.startTime: '06:00' -> '07:00'",
        "  - remove  attribute                birthYear",
        "  . leave   audience                 Theirs (t): somebody else has put it there",
        "0 of 2 resources change, and 3 things of the activation.",
    ]


def test_a_plan_of_datasets_says_nothing_of_audiences() -> None:
    document = plan(KEPT).model_dump(mode="json", by_alias=True)

    assert {"audiences", "activation", "flowSpecId"}.isdisjoint(document)
    assert Plan.model_validate(document) == plan(KEPT)


def test_a_role_is_shown_and_no_secret_is_told_of() -> None:
    role = FieldChange(path="auth.params", before="arn:aws:iam::1:role/a", after="arn:aws:iam::1:role/b")
    changed = KEPT.model_copy(update={"action": PlannedAction.UPDATE, "rotates_credentials": True, "changes": [role]})

    assert plan_text(plan(changed)).splitlines()[1:3] == [
        "  ~ update  base-connection   planes: Amazon S3 (b-1)",
        "        auth.params: 'arn:aws:iam::1:role/a' -> 'arn:aws:iam::1:role/b'",
    ]
