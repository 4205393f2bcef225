"""What is not ours is left alone; what cannot be told apart stops the delivery; what changed meanwhile is not overwritten."""

from __future__ import annotations

from typing import Any, cast

import httpx
import pytest

from aep_delivery.planning.ownership import OwnerMarker
from aep_delivery.runtime.errors import InternalError, TransientError, UserError
from aep_delivery.state.records import ResourceKind
from tests.faults.harness import KINDS, RESOURCES, Adobe, Installation, config

BASE = "/data/foundation/flowservice"
MARKERS = {
    "none": None,
    "other-owner": OwnerMarker(owner="another-stack", delivery_id="prod/planes", kind=ResourceKind.DATAFLOW),
    "other-delivery": OwnerMarker(owner="the-stack", delivery_id="prod/planes-2", kind=ResourceKind.DATAFLOW),
}


@pytest.mark.parametrize("marker", MARKERS.values(), ids=MARKERS)
def test_strangers_that_look_alike_are_left_alone(stack: Installation, marker: OwnerMarker | None) -> None:
    stack.deliver()
    strangers: dict[str, str] = {}
    for kind, resource in zip(KINDS, RESOURCES, strict=True):
        mark = marker.model_copy(update={"kind": resource}) if marker else None
        description = mark.describe("Like ours") if mark else "Like ours"
        theirs = (
            {
                "sourceConnectionIds": [strangers["sourceConnections"]],
                "targetConnectionIds": [strangers["targetConnections"]],
            }
            if kind == "flows"
            else {}
        )
        strangers[kind] = stack.adobe.copy(kind, stack.adobe.only(kind)["id"], description=description, **theirs)
    before = _etags(stack.adobe, strangers)

    stack.deliver(config(destination={"path": "elsewhere"}, datasets=[{"name": "Airports"}]))

    assert _etags(stack.adobe, strangers) == before
    assert stack.adobe.counts() == dict.fromkeys(KINDS, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_two_with_our_marker_stop_the_delivery_before_anything_changes(stack: Installation, kind: str) -> None:
    stack.deliver()
    ids = sorted([stack.adobe.only(kind)["id"], stack.adobe.copy(kind, stack.adobe.only(kind)["id"])])
    stack.adobe.forget_requests()

    with pytest.raises(InternalError) as caught:
        stack.deliver(config(destination={"path": "elsewhere"}))

    assert caught.value.code == "ownership.ambiguous"
    assert caught.value.details == ids
    assert stack.adobe.writes() == []


def test_marked_copy_with_other_datasets_is_neither_removed_nor_believed(stack: Installation) -> None:
    stack.deliver()
    params = {"datasets": [{"dataSetId": "6ab3e324052581191aa6a477", "name": "Airports"}]}
    stack.adobe.copy("sourceConnections", stack.adobe.only("sourceConnections")["id"], params=params)
    stack.adobe.forget_requests()

    with pytest.raises(InternalError, match="carry the owner marker"):
        stack.deliver(config(datasets=[{"name": "Airports"}]))

    assert stack.adobe.writes() == []


@pytest.mark.parametrize("kind", KINDS)
def test_removed_marker_is_a_clear_error(stack: Installation, kind: str) -> None:
    stack.deliver()
    entity = stack.adobe.only(kind)["id"]
    stack.adobe.edit(kind, entity, {"op": "replace", "path": "/description", "value": "mine now"})
    stack.adobe.forget_requests()

    with pytest.raises(UserError) as caught:
        stack.deliver()

    assert (caught.value.code, caught.value.place) == ("ownership.marker-removed", entity)
    assert "[aep-delivery owner=the-stack delivery=prod/planes" in str(caught.value.hint)
    assert stack.adobe.writes() == []


def test_description_cannot_claim_what_another_delivery_owns(stack: Installation) -> None:
    stack.deliver()
    forged = OwnerMarker(owner="the-stack", delivery_id="prod/planes", kind=ResourceKind.DATAFLOW).text

    stack.deliver({**config(description=f"Hello {forged}"), "name": "thief"})

    assert stack.planned().changes == 0


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("targetConnections", "/params/compression", "GZIP"),
        ("targetConnections", "/params/path", "by-hand"),
        ("flows", "/scheduleParams/interval", 12),
        ("connections", "/name", "By hand"),
    ],
)
def test_edit_between_plan_and_apply_is_not_overwritten(
    stack: Installation, kind: str, path: str, value: object
) -> None:
    stack.deliver()
    changed = config(destination={"path": "elsewhere"}, scheduleParams={"interval": 6})
    execution = stack.execution(changed)
    execution.take_lock()
    execution.make_plan()
    entity = stack.adobe.only(kind)["id"]
    stack.adobe.edit(kind, entity, {"op": "replace", "path": path, "value": value})

    with pytest.raises(UserError) as caught:
        execution.apply()

    assert (caught.value.code, caught.value.place) == ("plan.stale", entity)
    assert any(path.strip("/").replace("/", ".") in line for line in caught.value.details)
    found: Any = stack.adobe.only(kind)
    for part in path.strip("/").split("/"):
        found = found[part]
    assert found == value
    execution.release_lock()
    stack.deliver(changed)
    stack.assert_exactly_once(changed)


class EditedMeanwhile:
    """Somebody edits an entity right before each PATCH of it arrives."""

    def __init__(self, adobe: Adobe, *operations: dict[str, Any]) -> None:
        self._adobe = adobe
        self._operations = [*operations]

    def post(self, *args: Any, **kwargs: Any) -> httpx.Response:
        return self._adobe.http.post(*args, **kwargs)

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        if method == "PATCH" and "targetConnections" in url and self._operations:
            self._adobe.edit("targetConnections", url.rpartition("/")[2], self._operations.pop(0))
        return self._adobe.http.request(method, url, **kwargs)


def _restarted(stack: Installation, *operations: dict[str, Any]) -> None:
    stack.restart()
    stack.services.http = cast("httpx.Client", EditedMeanwhile(stack.adobe, *operations))


def test_edit_of_another_field_right_before_the_patch_survives_it(
    stack: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The emulator is stricter than Adobe with fields it does not know.
    monkeypatch.setattr(stack.adobe.emulator.world.validator, "check_change", lambda *_: None)
    stack.deliver()
    _restarted(stack, *[{"op": "add", "path": "/tag", "value": number} for number in range(3)])
    changed = config(destination={"path": "elsewhere"})

    stack.deliver(changed)

    assert stack.adobe.only("targetConnections")["tag"] == 2
    stack.assert_exactly_once(changed)


def test_edit_of_the_same_field_right_before_the_patch_stops_it(stack: Installation) -> None:
    stack.deliver()
    _restarted(stack, {"op": "replace", "path": "/params/path", "value": "by-hand"})

    with pytest.raises(UserError) as caught:
        stack.deliver(config(destination={"path": "elsewhere"}))

    assert caught.value.code == "plan.stale"
    assert stack.adobe.only("targetConnections")["params"]["path"] == "by-hand"
    assert stack.pending() == []


def test_entity_deleted_between_plan_and_apply_makes_the_plan_stale(stack: Installation) -> None:
    stack.deliver()
    execution = stack.execution()
    execution.take_lock()
    execution.make_plan()
    stack.adobe.delete("flows", stack.adobe.only("flows")["id"])

    with pytest.raises(UserError) as caught:
        execution.apply()

    assert caught.value.code == "plan.stale"
    assert stack.adobe.counts()["flows"] == 0


def test_update_that_adobe_takes_and_then_fails_is_told_and_can_be_repeated(stack: Installation) -> None:
    stack.deliver()
    changed = config(scheduleParams={"interval": 6})
    errors = [{"code": "FLOW-9999-500", "message": "Something inside"}]
    stack.adobe.plant(f"PATCH {BASE}/flows/{{id}}", {"type": "fail-operation", "errors": errors})

    with pytest.raises(InternalError) as caught:
        stack.deliver(changed)

    assert caught.value.code == "adobe.operation-failed"
    assert caught.value.details == ["FLOW-9999-500: Something inside"]
    stack.deliver(changed)
    stack.assert_exactly_once(changed)


def test_dataflow_that_adobe_could_not_make_is_never_taken_for_a_good_one(stack: Installation) -> None:
    errors = [{"code": "FLOW-9999-500", "message": "Something inside"}]
    stack.adobe.plant(f"POST {BASE}/flows", {"type": "fail-operation", "errors": errors})
    for _ in range(2):
        with pytest.raises(InternalError) as caught:
            stack.deliver()
        assert caught.value.code == "adobe.operation-failed"
    stack.adobe.delete("flows", stack.adobe.only("flows")["id"])

    stack.adobe.clock.sleep(60)
    stack.deliver()

    stack.assert_exactly_once()


def test_refusal_leaves_nothing_behind(stack: Installation) -> None:
    refusal = {"type": "respond", "status": 400, "body": {"message": "params.path is not valid"}}
    stack.adobe.plant(f"POST {BASE}/targetConnections", refusal)
    with pytest.raises(UserError):
        stack.deliver()
    assert stack.pending() == []

    stack.deliver()

    stack.assert_exactly_once()


def test_old_source_that_somebody_else_uses_stays(stack: Installation) -> None:
    stack.deliver()
    old = stack.adobe.only("sourceConnections")["id"]
    foreign = stack.adobe.copy("flows", stack.adobe.only("flows")["id"], description="Built on theirs")
    changed = config(datasets=[{"name": "Airports"}])

    with pytest.raises(UserError) as caught:
        stack.deliver(changed)

    assert caught.value.code == "adobe.connection-in-use"
    assert old in {source["id"] for source in stack.adobe.entities("sourceConnections")}
    stack.adobe.delete("flows", foreign)
    stack.deliver(changed)
    stack.assert_exactly_once(changed)


def test_two_executions_never_write_at_once(stack: Installation) -> None:
    first, second = stack.execution(), stack.execution()
    first.take_lock()
    with pytest.raises(TransientError, match="locked"):
        second.take_lock()


def _etags(adobe: Adobe, ids: dict[str, str]) -> dict[str, tuple[str, str]]:
    found = {kind: next(item for item in adobe.entities(kind) if item["id"] == ids[kind]) for kind in ids}
    return {kind: (item["etag"], item["description"]) for kind, item in found.items()}
