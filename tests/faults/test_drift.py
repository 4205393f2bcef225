"""What a person changes in Adobe between deliveries is found, and taken back where the config says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from aep_delivery.events.details import DataflowDriftFound
from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import TransientError, UserError
from aep_delivery.state.records import ResourceKind
from aep_delivery.workflow.drift_messages import DetectDrift, DriftChecked, ListDeliveries
from aep_delivery.workflow.services import LOCK_TTL
from aep_delivery.workflow.steps.detect_drift import detect_drift
from aep_delivery.workflow.steps.list_deliveries import list_deliveries
from tests.faults.harness import CONFIG, PLANES, Installation, config

DELIVERY = "prod/planes"
BASE = "/data/foundation/flowservice"
REPAIR = config(drift="repair")
REFUSED = {"type": "respond", "status": 403, "body": {"message": "Forbidden"}}
UNAVAILABLE = {"type": "respond", "status": 503, "body": {"message": "Service unavailable"}}
TWO = [{"name": "Airports"}, {"name": "Planes"}]


class Announcements:
    """What the watch has told; how the deliveries before it got on is no concern of these tests."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def publish(self, event: Any) -> None:
        if not event.detail.execution.startswith("execution-"):
            self.events.append(event)


@pytest.fixture
def told(stack: Installation) -> list[Any]:
    publisher = Announcements()
    stack.services.publisher = publisher
    return publisher.events


def look(stack: Installation, execution: str = "watch-1") -> DriftChecked:
    stack.adobe.forget_requests()
    return detect_drift(DetectDrift(execution=execution, delivery_id=DELIVERY), stack.services)


def edit(stack: Installation, kind: str, path: str, value: object) -> None:
    entity = stack.adobe.only(kind)["id"]
    stack.adobe.edit(kind, entity, {"op": "replace", "path": path, "value": value})


def disable(stack: Installation) -> None:
    body = {"sandbox": "prod", "kind": "flows", "id": stack.adobe.only("flows")["id"], "state": "disabled"}
    stack.adobe.control("POST", "entities/edit", body)


def found(told: list[Any]) -> list[tuple[str, str, list[tuple[str, object, object]]]]:
    """The one event's entities, each with its kind, what happened to it, and its fields."""
    (event,) = told
    assert isinstance(event.detail, DataflowDriftFound)
    return [
        (one.kind, one.drift, [(change.path, change.before, change.after) for change in one.changes])
        for one in event.detail.resources
    ]


def unlocked(stack: Installation) -> bool:
    lock = stack.services.store.acquire_lock(DELIVERY, "somebody", timedelta(seconds=1))
    stack.services.store.release_lock(DELIVERY, lock.owner)
    return True


EDITS: dict[str, tuple[str, str, object, str, tuple[str, object, object]]] = {
    "renamed": ("flows", "/name", "Mine", "dataflow", ("name", "Mine", "planes")),
    "base renamed": ("connections", "/name", "S3", "base-connection", ("name", "S3", "planes: Amazon S3")),
    "rescheduled": ("flows", "/scheduleParams/interval", 12, "dataflow", ("scheduleParams.interval", 12, 3)),
    "target changed": (
        "targetConnections",
        "/params/path",
        "elsewhere",
        "target-connection",
        ("params.path", "elsewhere", "exports/planes"),
    ),
}


def test_nothing_touched_is_no_drift_and_nothing_is_written(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)

    checked = look(stack)

    assert (checked.drifted, checked.repaired, checked.skipped) == (0, False, None)
    assert stack.adobe.writes() == []
    assert told == []
    assert unlocked(stack)


@pytest.mark.parametrize("edited", EDITS.values(), ids=EDITS)
def test_an_edited_field_is_told_and_left_alone(stack: Installation, told: list[Any], edited: Any) -> None:
    stack.deliver()
    collection, path, value, kind, change = edited
    edit(stack, collection, path, value)

    checked = look(stack)

    assert (checked.drifted, checked.repaired) == (1, False)
    assert found(told) == [(kind, "changed", [change])]
    assert told[0].detail.resources[0].id == stack.adobe.only(collection)["id"]
    assert (told[0].detail.policy, told[0].detail.error) == ("report", None)
    assert stack.adobe.writes() == []
    assert unlocked(stack)


@pytest.mark.parametrize("edited", EDITS.values(), ids=EDITS)
def test_an_edited_field_is_repaired_where_the_config_says_so(
    stack: Installation, told: list[Any], edited: Any
) -> None:
    stack.deliver(REPAIR)
    collection, path, value, kind, change = edited
    edit(stack, collection, path, value)

    assert look(stack).repaired

    assert found(told) == [(kind, "changed", [change])]
    assert (told[0].detail.policy, told[0].detail.repaired) == ("repair", True)
    assert {call.split()[0] for call in stack.adobe.writes()} == {"PATCH"}
    stack.assert_exactly_once(REPAIR)
    assert unlocked(stack)
    assert look(stack, "watch-2").drifted == 0


def test_a_disabled_dataflow_is_found_and_enabled_again(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    disable(stack)

    assert look(stack).repaired

    assert found(told) == [("dataflow", "disabled", [("state", "disabled", "enabled")])]
    assert stack.adobe.writes() == [f"POST {BASE}/flows/{{id}}/action"]
    assert stack.adobe.only("flows")["state"] == "enabled"
    stack.assert_exactly_once(REPAIR)


@pytest.mark.parametrize(
    ("gone", "kinds"),
    [
        (["flows"], ["dataflow"]),
        (["sourceConnections"], ["source-connection"]),
        (["targetConnections"], ["target-connection"]),
        (["connections"], ["base-connection"]),
        (["connections", "flows"], ["base-connection", "dataflow"]),
    ],
    ids=["dataflow", "source", "target", "base", "base and dataflow"],
)
def test_what_was_deleted_is_named_alone_and_made_anew(
    stack: Installation, told: list[Any], gone: list[str], kinds: list[str]
) -> None:
    stack.deliver(REPAIR)
    for collection in gone:
        stack.adobe.delete(collection, stack.adobe.only(collection)["id"])

    assert look(stack).repaired

    assert found(told) == [(kind, "deleted", []) for kind in kinds]
    assert {one.id for one in told[0].detail.resources} == {None}
    stack.assert_exactly_once(REPAIR)


def test_datasets_of_another_make_the_source_a_changed_one(stack: Installation, told: list[Any]) -> None:
    stack.deliver(config(datasets=TWO, drift="repair"))
    source = stack.adobe.only("sourceConnections")["id"]
    edit(stack, "sourceConnections", "/params/datasets", [{"dataSetId": PLANES, "name": "Planes"}])

    assert look(stack).repaired

    assert found(told) == [("source-connection", "changed", [])]
    assert told[0].detail.resources[0].id == source
    stack.assert_exactly_once(config(datasets=TWO, drift="repair"))


def test_text_beside_the_marker_is_drift_only_where_the_config_describes(stack: Installation, told: list[Any]) -> None:
    stack.deliver()
    text = OwnerMarker(owner="the-stack", delivery_id=DELIVERY, kind=ResourceKind.DATAFLOW).describe("Do not touch.")
    edit(stack, "flows", "/description", text)
    assert look(stack).drifted == 0

    stack.deliver(config(description="For the warehouse"))
    edit(stack, "flows", "/description", text)
    assert look(stack, "watch-2").drifted == 1
    assert [path for path, _, _ in found(told)[0][2]] == ["description"]


def test_what_the_config_leaves_open_of_the_schedule_is_no_drift(stack: Installation, told: list[Any]) -> None:
    stack.deliver()
    edit(stack, "flows", "/scheduleParams/endTime", stack.adobe.only("flows")["scheduleParams"]["endTime"] + 86400)

    assert look(stack).drifted == 0


def test_a_schedule_that_has_ended_is_no_drift_and_what_is_can_be_repaired(
    stack: Installation, told: list[Any]
) -> None:
    times = {"startTime": "2027-01-02T00:00:00Z", "endTime": "2027-02-01T00:00:00Z"}
    stack.deliver(config(scheduleParams=times, drift="repair"))
    stack.services.clock.sleep(timedelta(days=90).total_seconds())
    assert look(stack).drifted == 0

    edit(stack, "flows", "/name", "Mine")

    assert look(stack, "watch-2").repaired
    assert stack.adobe.only("flows")["name"] == "planes"


def test_the_schedule_that_datasets_share_is_restored_without_leave(stack: Installation, told: list[Any]) -> None:
    shared = config(datasets=TWO, drift="repair")
    stack.deliver(shared)
    edit(stack, "flows", "/scheduleParams/interval", 12)
    with pytest.raises(UserError) as refused:
        stack.planned(shared)
    assert refused.value.code == "plan.schedule-shared"

    assert look(stack).repaired

    stack.assert_exactly_once(shared)


def test_a_repair_that_cannot_be_done_is_told_with_its_reason(stack: Installation, told: list[Any]) -> None:
    times = {"startTime": "2027-01-02T00:00:00Z", "endTime": "2027-02-01T00:00:00Z"}
    stack.deliver(config(scheduleParams=times, drift="repair"))
    stack.services.clock.sleep(timedelta(days=5).total_seconds())
    stack.adobe.delete("flows", stack.adobe.only("flows")["id"])

    checked = look(stack)

    assert (checked.drifted, checked.repaired) == (1, False)
    assert found(told) == [("dataflow", "deleted", [])]
    assert told[0].detail.error.code == "schedule.in-the-past"
    assert stack.adobe.writes() == []
    assert unlocked(stack)


def test_half_a_repair_is_gone_on_with_at_the_next_look(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    edit(stack, "targetConnections", "/params/path", "elsewhere")
    disable(stack)
    stack.adobe.plant(f"POST {BASE}/flows/{{id}}/action", REFUSED, times=10)

    assert not look(stack).repaired
    assert told[0].detail.error is not None

    stack.adobe.control("DELETE", "faults")
    told.clear()
    assert look(stack, "watch-2").repaired
    assert found(told) == [("dataflow", "disabled", [("state", "disabled", "enabled")])]
    stack.assert_exactly_once(REPAIR)


def test_a_delivery_that_is_being_worked_on_is_skipped(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    edit(stack, "flows", "/name", "Mine")
    stack.services.store.acquire_lock(DELIVERY, "delivery-7", LOCK_TTL)

    checked = look(stack)

    assert checked.skipped is not None
    assert "delivery-7" in checked.skipped
    assert (stack.adobe.calls(), told) == ([], [])


def test_what_an_apply_left_half_done_is_nobodys_drift(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    stack.services.clock.sleep(1)
    half = stack.execution(config(destination={"path": "elsewhere"}, scheduleParams={"interval": 6}))
    stack.adobe.plant(f"PATCH {BASE}/flows/{{id}}", REFUSED, times=10)
    with pytest.raises(UserError):
        half.deliver(run=False)

    checked = look(stack)

    assert checked.skipped is not None
    assert (stack.adobe.calls(), told) == ([], [])


def test_a_rotated_secret_alone_is_no_drift(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    stack.rotate_secret()

    assert look(stack).drifted == 0


def test_a_marker_that_was_taken_away_is_an_error(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    edit(stack, "flows", "/description", "mine now")

    with pytest.raises(UserError) as caught:
        look(stack)

    assert caught.value.code == "ownership.marker-removed"
    assert (stack.adobe.writes(), told) == ([], [])
    assert unlocked(stack)


def test_a_dataset_that_vanished_is_an_error(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    page = {"items": [], "pageInfo": {"hasNext": False}}
    stack.adobe.plant(f"GET {BASE}/connectionSpecs/{{id}}/configs", {"type": "respond", "status": 200, "body": page})

    with pytest.raises(UserError) as caught:
        look(stack)

    assert caught.value.code == "dataset.not-exportable"
    assert stack.adobe.writes() == []
    assert unlocked(stack)


def test_a_transient_error_is_raised_and_the_lock_given_back(stack: Installation, told: list[Any]) -> None:
    stack.deliver(REPAIR)
    stack.adobe.plant(f"GET {BASE}/flows", UNAVAILABLE, times=50)

    with pytest.raises(TransientError):
        look(stack)

    assert unlocked(stack)
    assert told == []


def test_what_was_never_applied_is_skipped_and_all_deliveries_are_listed(stack: Installation, told: list[Any]) -> None:
    assert look(stack).skipped is not None
    stack.deliver()
    stack.deliver({**CONFIG, "name": "another"})

    listed = list_deliveries(ListDeliveries(execution="watch-1"), stack.services)

    assert listed.deliveries == ["prod/another", DELIVERY]
