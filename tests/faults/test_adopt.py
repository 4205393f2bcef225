"""What people made by hand becomes a delivery's: as it is, with nothing but its markers added."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aep_delivery.config.load import load_config
from aep_delivery.planning.adopting import Adoptable, NotAdoptable, find_adoptable
from aep_delivery.planning.ownership import read_marker
from aep_delivery.planning.plan import Plan
from aep_delivery.running.models import RunTrigger
from aep_delivery.runtime.errors import UserError
from aep_delivery.workflow.steps.receipts import asked
from aep_delivery.workflow.steps.remove_delivery import remove_delivery
from tests.faults.harness import AIRPORTS, KINDS, PLANES, START, Installation, config
from tests.faults.test_crashes import KilledError, doom, moments
from tests.faults.test_remove import Announcements
from tests.properties.strategies import HandMade

BASE = "/data/foundation/flowservice"
BEGIN = int(START.timestamp()) + 5400
HOURLY = {"interval": 3, "timeUnit": "hour", "startTime": BEGIN, "endTime": BEGIN + 100 * 86400}
FULL = {**HOURLY, "exportMode": "DAILY_FULL_EXPORT", "interval": 0, "timeUnit": "day"}
ENDLESS = {name: value for name, value in HOURLY.items() if name != "endTime"}
PARAMS = {
    "mode": "Server-to-server",
    "bucketName": "delivered",
    "path": "exports/planes/",
    "datasetFileType": "PARQUET",
    "compression": "NONE",
}
ADOPTING = [
    *("journal-source-connection", "PATCH-sourceConnections", "journal-source-connection"),
    *("journal-target-connection", "PATCH-targetConnections", "journal-target-connection"),
    *("journal-dataflow", "PATCH-flows", "journal-dataflow"),
]
AUDIENCES = {"id": "1a0514a6-33d4-4c7f-aff8-594799c47549", "version": "1.0"}


def by_hand(name: str = "Planes, by hand", **values: Any) -> HandMade:
    plain = {
        "schedule": HOURLY,
        "params": PARAMS,
        "datasets": (PLANES,),
        "description": "By hand",
        "shares_base_connection": False,
    }
    return HandMade(name=name, **{**plain, **values})


def found(stack: Installation) -> list[Adoptable | NotAdoptable]:
    return list(find_adoptable(stack.services.flow_service("prod"), "prod"))


def adoptable(stack: Installation) -> list[dict[str, Any]]:
    """The configs that are written, as they are read again."""
    configs = [one.config for one in found(stack) if isinstance(one, Adoptable)]
    for one in configs:
        load_config(json.dumps(one).encode(), "adopted.yaml")
    return configs


def actions(plan: Plan) -> list[str]:
    return [resource.action.value for resource in plan.resources]


FORMS = {
    "no-mode": by_hand(schedule=HOURLY),
    "mode": by_hand(schedule={**HOURLY, "exportMode": "FIRST_FULL_THEN_INCREMENTAL"}),
    "daily": by_hand(schedule={**HOURLY, "interval": 1, "timeUnit": "day"}),
    "full": by_hand(schedule=FULL),
    "begun": by_hand(schedule={**HOURLY, "startTime": BEGIN - 86400}),
    "endless": by_hand(schedule=ENDLESS),
    "folders": by_hand(schedule={**HOURLY, "foldernameTemplate": "%DATASET_ID%"}),
    "no-slash": by_hand(params={**PARAMS, "path": "exports/planes"}),
    "manifest": by_hand(params={**PARAMS, "includeFileManifest": True}),
    "no-manifest": by_hand(params={**PARAMS, "includeFileManifest": False}),
    "json": by_hand(params={**PARAMS, "datasetFileType": "JSON"}),
    "two-datasets": by_hand(datasets=(AIRPORTS, PLANES)),
    "no-description": by_hand(description=None),
    "empty-description": by_hand(description=""),
}


@pytest.mark.parametrize("made", FORMS.values(), ids=FORMS)
def test_what_was_made_by_hand_is_marked_and_otherwise_as_it_was(stack: Installation, made: HandMade) -> None:
    ids = made.make(stack.adobe)
    before = {kind: stack.adobe.only(kind) for kind in KINDS}
    stack.adobe.forget_requests()
    (written,) = adoptable(stack)

    plan = stack.planned(written)

    assert plan.changes == 0
    assert actions(plan) == ["use", "adopt", "adopt", "adopt"]
    assert [resource.takes_ownership for resource in plan.resources] == [False, True, True, True]
    assert [resource.id for resource in plan.resources] == list(ids.values())
    assert stack.adobe.writes() == []

    stack.deliver(written)

    sent = [entry["body"] for entry in stack.adobe.requests() if entry["method"] == "PATCH"]
    assert [[operation["path"] for operation in body] for body in sent] == [["/description"]] * 3
    assert len(stack.adobe.writes()) == 3
    assert stack.adobe.only("connections") == before["connections"]
    for kind in KINDS[1:]:
        now = stack.adobe.only(kind)
        assert (read_marker(now["description"]) or pytest.fail("no marker")).delivery_id == "prod/planes-by-hand"
        assert now["description"].startswith(made.description or "[aep-delivery")
        for field in ("id", "name", "params", "scheduleParams", "state"):
            assert now.get(field) == before[kind].get(field)
    assert actions(stack.planned(written)) == ["use", "keep", "keep", "keep"]
    assert adoptable(stack) == []


def test_dataflows_that_share_a_base_connection_become_deliveries_of_their_own(stack: Installation) -> None:
    base = by_hand("First").make(stack.adobe)["connections"]
    by_hand("Second").make(stack.adobe, base)
    first, second = adoptable(stack)

    for one in (first, second):
        stack.deliver(one)

    assert [actions(stack.planned(one)) for one in (first, second)] == [["use", "keep", "keep", "keep"]] * 2
    stack.services.publisher = Announcements()
    remove_delivery("prod/first", "removal", stack.services)
    assert stack.adobe.only("connections")["id"] == base
    assert actions(stack.planned(second)) == ["use", "keep", "keep", "keep"]


def test_what_is_not_for_a_delivery_is_left_alone(stack: Installation) -> None:
    stack.deliver()
    ours = stack.adobe.only("flows")["id"]
    stack.adobe.copy("flows", ours, name="Audience", flowSpec=AUDIENCES, description="An audience")
    broken = by_hand("Broken").make(stack.adobe)
    stack.adobe.delete("targetConnections", broken["targetConnections"])
    bare = by_hand("Bare").make(stack.adobe)
    stack.adobe.delete("connections", bare["connections"])

    reasons = {one.flow_name: one.reason for one in found(stack) if isinstance(one, NotAdoptable)}

    assert adoptable(stack) == []
    assert reasons.keys() == {"planes", "Audience", "Broken", "Bare"}
    assert reasons["planes"] == "is managed already, as prod/planes by the-stack"
    assert broken["targetConnections"] in reasons["Broken"]
    assert bare["connections"] in reasons["Bare"]


def test_dataflow_of_another_delivery_is_not_taken(stack: Installation) -> None:
    stack.deliver()
    flow = stack.adobe.only("flows")["id"]
    stack.adobe.forget_requests()

    with pytest.raises(UserError) as caught:
        stack.deliver({**config(), "name": "thief", "adopt": {"dataflow": flow}})

    assert caught.value.code == "ownership.foreign"
    assert "prod/planes" in str(caught.value)
    assert stack.adobe.writes() == []


@pytest.mark.parametrize("kind", ["sourceConnections", "targetConnections"])
def test_connection_of_another_delivery_is_not_taken_with_a_dataflow(stack: Installation, kind: str) -> None:
    stack.deliver()
    by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    field = {"sourceConnections": "/sourceConnectionIds", "targetConnections": "/targetConnectionIds"}[kind]
    theirs = next(one["id"] for one in stack.adobe.entities(kind) if read_marker(one["description"]))
    stack.adobe.edit("flows", written["adopt"]["dataflow"], {"op": "replace", "path": field, "value": [theirs]})
    stack.adobe.forget_requests()

    with pytest.raises(UserError) as caught:
        stack.deliver(written)

    assert caught.value.code == "ownership.foreign"
    assert stack.adobe.writes() == []


def test_unknown_dataflow_is_a_clear_error(stack: Installation) -> None:
    by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    unknown = "00000000-0000-0000-0000-000000000000"

    with pytest.raises(UserError) as caught:
        stack.planned({**written, "adopt": {"dataflow": unknown}})

    assert (caught.value.code, caught.value.place) == ("adopt.not-found", "adopt.dataflow")
    assert unknown in str(caught.value)


def test_other_datasets_do_not_fit_before_they_are_adopted_and_are_a_change_after(stack: Installation) -> None:
    by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    changed = {**written, "datasets": [{"id": PLANES}, {"id": AIRPORTS}]}

    with pytest.raises(UserError) as caught:
        stack.planned(changed)
    assert caught.value.code == "adopt.does-not-fit"

    stack.deliver(written)
    assert actions(stack.deliver(changed)) == ["use", "replace", "keep", "update"]
    stack.assert_exactly_once(changed)


def test_end_that_is_not_set_is_not_invented(stack: Installation) -> None:
    by_hand(schedule={**ENDLESS, "startTime": BEGIN - 86400}).make(stack.adobe)
    (written,) = adoptable(stack)
    written["run"] = {"trigger": "SCHEDULED"}

    execution = stack.execution(written)
    execution.take_lock()
    plan = execution.make_plan()
    execution.apply()
    run = execution.start_run()

    assert "endTime" not in plan.schedule
    assert "schedule.end-not-set" in [warning.code for warning in plan.warnings]
    assert "endTime" not in stack.adobe.only("flows")["scheduleParams"]
    assert run.trigger is RunTrigger.SCHEDULED
    assert run.slot.timestamp() == BEGIN
    said = asked(load_config(json.dumps(written).encode(), "adopted.yaml"), plan).schedule
    assert said is not None
    assert said.start_time is not None
    assert said.end_time is None


def test_end_that_somebody_sets_is_left_as_it_is(stack: Installation) -> None:
    by_hand(schedule=ENDLESS).make(stack.adobe)
    (written,) = adoptable(stack)
    stack.deliver(written)
    end = {"op": "add", "path": "/scheduleParams/endTime", "value": HOURLY["endTime"]}
    stack.adobe.edit("flows", written["adopt"]["dataflow"], end)

    stack.deliver({**written, "scheduleParams": {**written["scheduleParams"], "interval": 6}})

    assert stack.adobe.only("flows")["scheduleParams"]["endTime"] == HOURLY["endTime"]


def test_edit_between_plan_and_apply_is_not_taken_over_unseen(stack: Installation) -> None:
    ids = by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    execution = stack.execution(written)
    execution.take_lock()
    execution.make_plan()
    stack.adobe.edit("flows", ids["flows"], {"op": "replace", "path": "/scheduleParams/interval", "value": 12})

    with pytest.raises(UserError) as caught:
        execution.apply()

    assert caught.value.code == "plan.stale"
    assert stack.adobe.only("flows")["scheduleParams"]["interval"] == 12
    assert read_marker(stack.adobe.only("flows")["description"]) is None


@pytest.mark.parametrize("kind", ["sourceConnections", "targetConnections"])
def test_connection_that_is_deleted_after_the_adoption_is_made_anew(stack: Installation, kind: str) -> None:
    ids = by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    stack.deliver(written)
    stack.adobe.delete(kind, ids[kind])

    plan = stack.deliver(written)

    assert sorted(actions(plan)) == ["create", "keep", "update", "use"]
    stack.assert_exactly_once(written)


@pytest.mark.parametrize("moment", moments(ADOPTING))
def test_adoption_that_was_cut_off_is_taken_up_again(stack: Installation, moment: str) -> None:
    by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    stack.restart()
    doom(stack, moment)
    with pytest.raises(KilledError):
        stack.deliver(written)
    stack.restart()

    stack.deliver(written)

    stack.assert_exactly_once(written)
    assert actions(stack.planned(written)) == ["use", "keep", "keep", "keep"]
    for kind in KINDS[1:]:
        assert stack.adobe.only(kind)["description"].count("[aep-delivery") == 1


def test_removal_leaves_the_base_connection(stack: Installation) -> None:
    by_hand().make(stack.adobe)
    (written,) = adoptable(stack)
    stack.deliver(written)
    stack.services.publisher = Announcements()

    remove_delivery("prod/planes-by-hand", "removal", stack.services)

    assert stack.adobe.counts() == {**dict.fromkeys(KINDS, 0), "connections": 1}
